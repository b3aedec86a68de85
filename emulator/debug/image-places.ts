/**
 * Which address of the program's file lies at a place in memory. A file says at which PAs its bytes are loaded and for which VAs they were
 * linked: what a regime has at a VA is the program's where the VA leads to those PAs, whatever its number.
 */
import { PA, VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { isElf, readElf, type ElfSegment } from '../machine/elf.ts';

/** Bytes at the start of a segment that tell a copy of it. */
const TELLING = 64;

/** What a VA leads to: undefined where the regime maps nothing there. */
export type Translate = (va: VA) => PA | undefined;
/** Bytes of memory by PA; undefined where there is none. */
export type Peek = (pa: PA) => number | undefined;

export class ImagePlaces {
  private readonly segments: readonly ElfSegment[];

  /** Of a file that is no ELF, or a damaged one, nothing is known. */
  constructor(
    private readonly bytes: Uint8Array,
    name: string,
  ) {
    this.segments = isElf(bytes) ? segmentsOf(bytes, name) : [];
  }

  /** The address for which the byte at a PA was linked; undefined where the program was not loaded. */
  linkedAt(pa: PA): VA | undefined {
    const address = BigInt(pa);
    const segment = this.segments.find((one) => address >= one.pa && address < one.pa + BigInt(one.memoryBytes));
    return segment && VA(address - segment.pa + segment.va);
  }

  /** The same for a PA beside what was loaded, as far from it as linked: where a label such as the top of a stack may be. */
  linkedBeside(pa: PA): VA[] {
    return [...new Set(this.segments.map((segment) => VA(BigInt.asUintN(64, BigInt(pa) - segment.pa + segment.va))))];
  }

  /** Where the byte that was linked for a VA was loaded. */
  loadedAt(va: VA): PA | undefined {
    const segment = this.holding(va);
    return segment && PA(Number(va - segment.va + segment.pa));
  }

  /**
   * Whether a VA at which something else than the loaded program lies has a copy of the part that was linked for it: a hypervisor may load a
   * guest once and copy it for each VM. A copy begins with the bytes of the file.
   */
  isCopy(va: VA, translate: Translate, peek: Peek): boolean {
    const segment = this.segments.find((one) => one.va !== one.pa && va >= one.va && va < one.va + BigInt(one.memoryBytes));
    if (!segment) return false;
    const start = translate(segment.va);
    if (start === undefined) return false;
    const telling = this.bytes.subarray(segment.fileOffset, segment.fileOffset + Math.min(TELLING, segment.fileBytes));
    return telling.length > 0 && telling.every((byte, i) => peek(PA(start + i)) === byte);
  }

  private holding(va: VA): ElfSegment | undefined {
    return this.segments.find((one) => va >= one.va && va < one.va + BigInt(one.memoryBytes));
  }
}

function segmentsOf(bytes: Uint8Array, name: string): readonly ElfSegment[] {
  try {
    return readElf(bytes, name).segments;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}
