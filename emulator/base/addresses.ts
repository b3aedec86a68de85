/**
 * The kinds of addresses. All are plain values when the program runs; the types keep one kind from being taken for another, which no test
 * of a machine that maps addresses to themselves would notice. Arithmetic gives a plain value again: a constructor says what it is.
 * Where VAs cross as two unsigned 32-bit halves (`vaLow`, `vaHigh`), on the way of every access, these stay plain numbers.
 */
declare const kind: unique symbol;
interface Kind<Name extends string> {
  readonly [kind]: Name;
}

/** A virtual address in bytes, 64 bits. */
export type VA = bigint & Kind<'VA'>;
export const VA = (address: bigint): VA => address as VA;

/** A VA in bytes from where the VAs of its tables begin (`TableTree.base`): below 2^48, so that a number holds it. */
export type VAOffset = number & Kind<'VAOffset'>;
export const VAOffset = (offset: number): VAOffset => offset as VAOffset;

/** An intermediate physical address in bytes, below 2^48: what stage 1 gives and stage 2 translates. */
export type IPA = number & Kind<'IPA'>;
export const IPA = (address: number): IPA => address as IPA;

/** A physical address in bytes, below 2^48: what the bus answers to. */
export type PA = number & Kind<'PA'>;
export const PA = (address: number): PA => address as PA;

/**
 * An output address of a stage of translation, or where its tables lie: an IPA in stage 1 of a regime with stage 2, else a PA. Who knows the
 * stage says which of them it is.
 */
export type OA = IPA | PA;
export const OA = (address: number): OA => address as PA;

/** A place in the machine's WebAssembly memory in bytes, below 2^32; negative (-1) where no memory of the host answers. */
export type HostOffset = number & Kind<'HostOffset'>;
export const HostOffset = (offset: number): HostOffset => offset as HostOffset;
