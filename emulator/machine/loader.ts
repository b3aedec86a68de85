/** What a program puts into memory before the first step, and where execution starts. */
import { InputError } from '../base/errors.ts';
import { entryPA, readElf } from './elf.ts';
import { ramBase } from './memory-map.ts';

export interface LoadOptions {
  /** RAM in bytes, from PA 0x40000000 on. */
  readonly memoryBytes: number;
}

export interface LoadedImage {
  /** Bytes by PA; what is not named stays zero. */
  readonly segments: readonly { readonly pa: number; readonly bytes: Uint8Array }[];
  /** First value of PC: a PA, since the MMU is off. */
  readonly entry: bigint;
  /** First values of general registers that are not 0. */
  readonly registers: readonly (readonly [number: number, value: bigint])[];
}

/** Reads a program. `file` is for messages. Throws InputError where it is none, or does not fit into the machine. */
export function loadImage(bytes: Uint8Array, file: string, { memoryBytes }: LoadOptions): LoadedImage {
  const elf = readElf(bytes, file);
  const end = ramBase + memoryBytes;
  const segments = elf.segments
    .filter(({ memoryBytes: size }) => size > 0)
    .map(({ pa, memoryBytes: size, fileOffset, fileBytes, headerOffset }) => {
      const first = Number(pa);
      if (first < ramBase || first + size > end) {
        const range = `0x${first.toString(16)}..0x${(first + size - 1).toString(16)}`;
        const ram = `0x${ramBase.toString(16)}..0x${(end - 1).toString(16)}`;
        throw new InputError(
          `a segment wants physical addresses ${range}`,
          { file, offset: headerOffset },
          `RAM is at ${ram}: link it there, or give the machine more memory`,
        );
      }
      return { pa: first, bytes: bytes.subarray(fileOffset, fileOffset + fileBytes) };
    });
  return { segments: segments.filter((segment) => segment.bytes.length > 0), entry: entryPA(elf), registers: [] };
}
