/** The architectural state of one CPU, read and written in its block of the WebAssembly memory. */
import { VA } from '../base/addresses.ts';
import { CPU_BLOCK, cpuLayout as at, systemOffset } from './layout.ts';
import { storedRegisters, type StoredRegister } from './stored-registers.ts';

export type ExceptionLevel = 0 | 1 | 2;

/** How NZCV is kept between instructions (Arm ARM C5.2.9 gives their meaning): what was computed rather than the four bits. */
export const flagKinds = { sub: 0, add: 1, logic: 2, packed: 3 } as const;

export class CpuState {
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly u64: BigUint64Array;
  /** Bytes from the start of the memory to this CPU's block. */
  readonly base: number;
  /** Not state: what the processor is. Without EL2, HCR_EL2 holds what keeps out of the way of EL1 and gives no reasons. */
  hasEl2 = true;

  constructor(buffer: ArrayBuffer, base = 0) {
    this.base = base;
    this.bytes = new Uint8Array(buffer, base, CPU_BLOCK);
    this.u32 = new Uint32Array(buffer, base, CPU_BLOCK / 4);
    this.i32 = new Int32Array(buffer, base, CPU_BLOCK / 4);
    this.u64 = new BigUint64Array(buffer, base, CPU_BLOCK / 8);
  }

  // General registers: number 31 is the zero register here; the stack pointer has its own name.
  x(number: number): bigint {
    return number === 31 ? 0n : this.u64[number];
  }
  xLow(number: number): number {
    return number === 31 ? 0 : this.u32[number * 2];
  }
  xHigh(number: number): number {
    return number === 31 ? 0 : this.u32[number * 2 + 1];
  }
  setX(number: number, value: bigint): void {
    if (number !== 31) this.u64[number] = value;
  }
  setXHalves(number: number, low: number, high: number): void {
    if (number === 31) return;
    this.u32[number * 2] = low;
    this.u32[number * 2 + 1] = high;
  }

  /** All 128 bits of V<number>. */
  v(number: number): bigint {
    const at64 = (at.v >> 3) + number * 2;
    return this.u64[at64] | (this.u64[at64 + 1] << 64n);
  }
  setV(number: number, value: bigint): void {
    const at64 = (at.v >> 3) + number * 2;
    this.u64[at64] = BigInt.asUintN(64, value);
    this.u64[at64 + 1] = value >> 64n;
  }

  /** The stack pointer in use. */
  get sp(): VA {
    return VA(this.u64[31]);
  }
  set sp(value: bigint) {
    this.u64[31] = value;
  }

  get pc(): VA {
    return VA(this.u64[at.pc >> 3]);
  }
  set pc(value: bigint) {
    this.u64[at.pc >> 3] = value;
  }
  get pcLow(): number {
    return this.u32[at.pc >> 2];
  }
  get pcHigh(): number {
    return this.u32[(at.pc >> 2) + 1];
  }
  setPcHalves(low: number, high: number): void {
    this.u32[at.pc >> 2] = low;
    this.u32[(at.pc >> 2) + 1] = high;
  }
  /** Moves pc on to the next instruction. */
  advance(): void {
    const low = (this.pcLow + 4) >>> 0;
    this.setPcHalves(low, low < 4 ? this.pcHigh + 1 : this.pcHigh);
  }

  get el(): ExceptionLevel {
    return this.u32[at.el >> 2] as ExceptionLevel;
  }
  /** PSTATE.SP: 0 selects SP_EL0, 1 the stack pointer of the current level. */
  get spsel(): 0 | 1 {
    return this.u32[at.spsel >> 2] as 0 | 1;
  }
  /** PSTATE.D, A, I, F in bits 3..0. */
  get daif(): number {
    return this.u32[at.daif >> 2];
  }
  set daif(value: number) {
    this.u32[at.daif >> 2] = value;
  }
  get il(): 0 | 1 {
    return this.u32[at.il >> 2] as 0 | 1;
  }
  set il(value: 0 | 1) {
    this.u32[at.il >> 2] = value;
  }
  get ss(): 0 | 1 {
    return this.u32[at.ss >> 2] as 0 | 1;
  }
  set ss(value: 0 | 1) {
    this.u32[at.ss >> 2] = value;
  }
  get waiting(): boolean {
    return this.u32[at.waiting >> 2] === 1;
  }
  set waiting(value: boolean) {
    this.u32[at.waiting >> 2] = value ? 1 : 0;
  }

  /** Whether what is not a register, and is relied on to be in range, is so: for bytes that come from outside. */
  isSound(): boolean {
    const { u32 } = this;
    const isBit = (offset: number): boolean => u32[offset >> 2] <= 1;
    return (
      u32[at.el >> 2] <= (this.hasEl2 ? 2 : 1) &&
      [at.spsel, at.il, at.ss, at.waiting, at.event].every(isBit) &&
      this.daif <= 15 &&
      u32[at.flagKind >> 2] === flagKinds.packed &&
      u32[at.flagA >> 2] <= 15 &&
      u32[at.exclusiveBytes >> 2] <= 16
    );
  }

  /** The event register of WFE (Arm ARM D1.6.1). */
  get event(): boolean {
    return this.u32[at.event >> 2] === 1;
  }
  set event(value: boolean) {
    this.u32[at.event >> 2] = value ? 1 : 0;
  }
  /** The local exclusive monitor has marked an access. */
  get isExclusive(): boolean {
    return this.u32[at.exclusiveBytes >> 2] !== 0;
  }
  /** Opens the local exclusive monitor. */
  clearExclusive(): void {
    this.u32[at.exclusiveBytes >> 2] = 0;
  }

  /** Moves to another level or stack pointer: saves the one in use to its SP_ELx and loads the new one. */
  setLevel(el: ExceptionLevel, spsel: 0 | 1): void {
    const { u32 } = this;
    let slot = this.stackSlot() * 2;
    u32[slot] = u32[spWord]!;
    u32[slot + 1] = u32[spWord + 1]!;
    u32[at.el >> 2] = el;
    u32[at.spsel >> 2] = spsel;
    slot = this.stackSlot() * 2;
    u32[spWord] = u32[slot]!;
    u32[spWord + 1] = u32[slot + 1]!;
  }
  private stackSlot(): number {
    return stackSlots[this.spsel === 0 ? 0 : this.el];
  }
  /** The value of SP_ELx, whether it is the one in use or a banked one. */
  stackPointer(el: ExceptionLevel): VA {
    const slot = stackSlots[el];
    return slot === this.stackSlot() ? this.sp : VA(this.u64[slot]);
  }
  /** A stored register as it is now: what `get` gives of the stack pointer in use is what was left there. */
  current(name: StoredRegister): bigint {
    const level = stackSlots.indexOf(slotOf(name));
    return level < 0 ? this.get(name) : this.stackPointer(level as ExceptionLevel);
  }
  setStackPointer(el: ExceptionLevel, value: bigint): void {
    const slot = stackSlots[el];
    if (slot === this.stackSlot()) this.sp = value;
    else this.u64[slot] = value;
  }

  setStackPointerHalves(el: ExceptionLevel, low: number, high: number): void {
    const slot = stackSlots[el];
    const word = slot === this.stackSlot() ? spWord : slot * 2;
    this.u32[word] = low;
    this.u32[word + 1] = high;
  }

  get fpcr(): number {
    return this.u32[at.fpcr >> 2];
  }
  set fpcr(value: number) {
    this.u32[at.fpcr >> 2] = value;
  }
  get fpsr(): number {
    return this.u32[at.fpsr >> 2];
  }
  set fpsr(value: number) {
    this.u32[at.fpsr >> 2] = value;
  }

  /** N, Z, C, V in bits 3..0. Arithmetic on halves: exceptions and MRS come here often. */
  get nzcv(): number {
    const k = at.flagA >> 2;
    const aLow = this.u32[k],
      aHigh = this.u32[k + 1],
      bLow = this.u32[k + 2],
      bHigh = this.u32[k + 3];
    const kind = this.u32[at.flagKind >> 2];
    if (kind === flagKinds.packed) return aLow & 15;
    if (kind === flagKinds.logic) return ((aHigh >>> 31) << 3) | ((aLow | aHigh) === 0 ? 4 : 0);
    if (kind === flagKinds.add) {
      const low = aLow + bLow,
        carry = low > 0xffff_ffff ? 1 : 0,
        high = aHigh + bHigh + carry;
      const rLow = low >>> 0,
        rHigh = high >>> 0;
      return (
        ((rHigh >>> 31) << 3) | ((rLow | rHigh) === 0 ? 4 : 0) | (high > 0xffff_ffff ? 2 : 0) | (((aHigh ^ rHigh) & (bHigh ^ rHigh)) >>> 31)
      );
    }
    const borrow = aLow < bLow ? 1 : 0,
      rLow = (aLow - bLow) >>> 0,
      rHigh = (aHigh - bHigh - borrow) >>> 0;
    const noBorrow = aHigh > bHigh || (aHigh === bHigh && borrow === 0);
    return ((rHigh >>> 31) << 3) | ((rLow | rHigh) === 0 ? 4 : 0) | (noBorrow ? 2 : 0) | (((aHigh ^ bHigh) & (aHigh ^ rHigh)) >>> 31);
  }
  set nzcv(flags: number) {
    const k = at.flagA >> 2;
    this.u32[at.flagKind >> 2] = flagKinds.packed;
    this.u32[k] = flags & 15;
    this.u32[k + 1] = this.u32[k + 2] = this.u32[k + 3] = 0;
  }

  /** Brings what can be kept in several ways (the flags) into its one canonical form, so that equal states are equal bytes. */
  settle(): void {
    this.nzcv = this.nzcv;
  }

  // Stored system registers
  get(name: StoredRegister): bigint {
    return this.u64[slotOf(name)];
  }
  set(name: StoredRegister, value: bigint): void {
    this.u64[slotOf(name)] = value;
  }
  low(name: StoredRegister): number {
    return this.u32[slotOf(name) * 2];
  }
  high(name: StoredRegister): number {
    return this.u32[slotOf(name) * 2 + 1];
  }
  setHalves(name: StoredRegister, low: number, high: number): void {
    this.u32[slotOf(name) * 2] = low;
    this.u32[slotOf(name) * 2 + 1] = high;
  }
}

/** Index of each stored register among the 64-bit words of the block. */
const slots = new Map(storedRegisters.map((name) => [name, systemOffset(name) >> 3]));
// A map, since an object with this many names is a slow dictionary: exceptions look up a dozen.
const slotOf = (name: StoredRegister): number => slots.get(name)!;
const stackSlots = [slotOf('SP_EL0'), slotOf('SP_EL1'), slotOf('SP_EL2')];
/** Index of the stack pointer in use among the 32-bit words. */
const spWord = 62;
