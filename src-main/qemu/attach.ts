/** Attaches to a QEMU, with the files that its place names read. */
import { AttachedQemu, type AttachPlace } from '../../emulator/index.ts';
import { memoryBytes } from '../machine-options.ts';
import { readProgramFile } from '../program-file.ts';
import { qemuLines } from './lines.ts';

/** Throws InputError. */
export async function attachToQemu({ image, memory, icountShift, traps, ...addresses }: AttachPlace): Promise<AttachedQemu> {
  const program = image === undefined ? undefined : await readProgramFile(image);
  const lines = await qemuLines(addresses);
  return AttachedQemu.open(lines, { program, icountShift, traps, memoryBytes: memory === undefined ? undefined : memoryBytes(memory) });
}
