/** Writes WebAssembly: function bodies instruction by instruction, and the module around them. Knows nothing of Arm. */

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
const typeByte: Record<WasmType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export interface Signature {
  readonly parameters: readonly WasmType[];
  readonly results: readonly WasmType[];
}

/** Instructions without immediates (WebAssembly core specification, appendix A.7). */
const opcodes = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_s': 0x4a,
  'i32.gt_u': 0x4b,
  'i32.le_s': 0x4c,
  'i32.le_u': 0x4d,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i64.eqz': 0x50,
  'i64.eq': 0x51,
  'i64.ne': 0x52,
  'i64.lt_s': 0x53,
  'i64.lt_u': 0x54,
  'i64.gt_s': 0x55,
  'i64.gt_u': 0x56,
  'i64.le_s': 0x57,
  'i64.le_u': 0x58,
  'i64.ge_s': 0x59,
  'i64.ge_u': 0x5a,
  'i32.clz': 0x67,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.div_s': 0x6d,
  'i32.div_u': 0x6e,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_s': 0x75,
  'i32.shr_u': 0x76,
  'i32.rotr': 0x78,
  'i64.clz': 0x79,
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.mul': 0x7e,
  'i64.div_s': 0x7f,
  'i64.div_u': 0x80,
  'i64.and': 0x83,
  'i64.or': 0x84,
  'i64.xor': 0x85,
  'i64.shl': 0x86,
  'i64.shr_s': 0x87,
  'i64.shr_u': 0x88,
  'i64.rotr': 0x8a,
  'i32.wrap_i64': 0xa7,
  'i32.trunc_f64_s': 0xaa,
  'i32.trunc_f64_u': 0xab,
  'i64.extend_i32_s': 0xac,
  'i64.extend_i32_u': 0xad,
  'i64.trunc_f64_s': 0xb0,
  'i64.trunc_f64_u': 0xb1,
  'f32.eq': 0x5b,
  'f32.ne': 0x5c,
  'f32.lt': 0x5d,
  'f32.gt': 0x5e,
  'f32.le': 0x5f,
  'f32.ge': 0x60,
  'f64.eq': 0x61,
  'f64.ne': 0x62,
  'f64.lt': 0x63,
  'f64.gt': 0x64,
  'f64.le': 0x65,
  'f64.ge': 0x66,
  'f32.abs': 0x8b,
  'f32.neg': 0x8c,
  'f32.ceil': 0x8d,
  'f32.floor': 0x8e,
  'f32.trunc': 0x8f,
  'f32.nearest': 0x90,
  'f32.sqrt': 0x91,
  'f32.add': 0x92,
  'f32.sub': 0x93,
  'f32.mul': 0x94,
  'f32.div': 0x95,
  'f32.min': 0x96,
  'f32.max': 0x97,
  'f64.abs': 0x99,
  'f64.neg': 0x9a,
  'f64.ceil': 0x9b,
  'f64.floor': 0x9c,
  'f64.trunc': 0x9d,
  'f64.nearest': 0x9e,
  'f64.sqrt': 0x9f,
  'f64.add': 0xa0,
  'f64.sub': 0xa1,
  'f64.mul': 0xa2,
  'f64.div': 0xa3,
  'f64.min': 0xa4,
  'f64.max': 0xa5,
  'f32.convert_i32_s': 0xb2,
  'f32.convert_i32_u': 0xb3,
  'f32.convert_i64_s': 0xb4,
  'f32.convert_i64_u': 0xb5,
  'f32.demote_f64': 0xb6,
  'f64.convert_i32_s': 0xb7,
  'f64.convert_i32_u': 0xb8,
  'f64.convert_i64_s': 0xb9,
  'f64.convert_i64_u': 0xba,
  'f64.promote_f32': 0xbb,
  'i32.reinterpret_f32': 0xbc,
  'i64.reinterpret_f64': 0xbd,
  'f32.reinterpret_i32': 0xbe,
  'f64.reinterpret_i64': 0xbf,
} as const;
export type Opcode = keyof typeof opcodes;

/** Vector instructions without immediates: behind the prefix 0xfd. */
const vectorOpcodes = {
  'i8x16.swizzle': 14,
  'i8x16.splat': 15,
  'i16x8.splat': 16,
  'i32x4.splat': 17,
  'i64x2.splat': 18,
  'i8x16.eq': 35,
  'i8x16.gt_s': 39,
  'i8x16.gt_u': 40,
  'i8x16.ge_s': 43,
  'i8x16.ge_u': 44,
  'i16x8.eq': 45,
  'i16x8.gt_s': 49,
  'i16x8.gt_u': 50,
  'i16x8.ge_s': 53,
  'i16x8.ge_u': 54,
  'i32x4.eq': 55,
  'i32x4.gt_s': 59,
  'i32x4.gt_u': 60,
  'i32x4.ge_s': 63,
  'i32x4.ge_u': 64,
  'v128.and': 78,
  'v128.andnot': 79,
  'v128.or': 80,
  'v128.xor': 81,
  'v128.bitselect': 82,
  'i8x16.shl': 107,
  'i8x16.shr_s': 108,
  'i8x16.shr_u': 109,
  'i8x16.add': 110,
  'i8x16.sub': 113,
  'i8x16.min_s': 118,
  'i8x16.min_u': 119,
  'i8x16.max_s': 120,
  'i8x16.max_u': 121,
  'i16x8.shl': 139,
  'i16x8.shr_s': 140,
  'i16x8.shr_u': 141,
  'i16x8.add': 142,
  'i16x8.sub': 145,
  'i16x8.mul': 149,
  'i16x8.min_s': 150,
  'i16x8.min_u': 151,
  'i16x8.max_s': 152,
  'i16x8.max_u': 153,
  'i32x4.shl': 171,
  'i32x4.shr_s': 172,
  'i32x4.shr_u': 173,
  'i32x4.add': 174,
  'i32x4.sub': 177,
  'i32x4.mul': 181,
  'i32x4.min_s': 182,
  'i32x4.min_u': 183,
  'i32x4.max_s': 184,
  'i32x4.max_u': 185,
  'i64x2.shl': 203,
  'i64x2.shr_s': 204,
  'i64x2.shr_u': 205,
  'i64x2.add': 206,
  'i64x2.sub': 209,
  'i64x2.mul': 213,
  'i64x2.eq': 214,
  'i64x2.gt_s': 217,
  'i64x2.ge_s': 219,
} as const;
export type VectorOpcode = keyof typeof vectorOpcodes;

/** Loads and stores. */
const accesses = {
  'i32.load': 0x28,
  'i64.load': 0x29,
  'i32.load8_s': 0x2c,
  'i32.load8_u': 0x2d,
  'i32.load16_s': 0x2e,
  'i32.load16_u': 0x2f,
  'i64.load8_s': 0x30,
  'i64.load8_u': 0x31,
  'i64.load16_s': 0x32,
  'i64.load16_u': 0x33,
  'i64.load32_s': 0x34,
  'i64.load32_u': 0x35,
  'i32.store': 0x36,
  'i64.store': 0x37,
  'i32.store8': 0x3a,
  'i32.store16': 0x3b,
  'i64.store8': 0x3c,
  'i64.store16': 0x3d,
  'i64.store32': 0x3e,
  'f32.load': 0x2a,
  'f64.load': 0x2b,
} as const;
const laneExtracts = { i64x2: 29 } as const;
const vectorAccesses = { 'v128.load': 0, 'v128.store': 11 } as const;
export type AccessOpcode = keyof typeof accesses | keyof typeof vectorAccesses;

/** LEB128 of an unsigned 32-bit number. */
function unsigned(out: number[], value: number): void {
  do {
    const low = value & 0x7f;
    value >>>= 7;
    out.push(value ? low | 0x80 : low);
  } while (value);
}
function signed(out: number[], value: bigint): void {
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && !(low & 0x40)) || (value === -1n && low & 0x40)) {
      out.push(low);
      return;
    }
    out.push(low | 0x80);
  }
}

const none: Readonly<Record<WasmType, number>> = { i32: 0, i64: 0, f32: 0, f64: 0, v128: 0 };

/** One function body. Structured control keeps its own depth, so labels are values that stay right at any nesting. */
export class Code {
  readonly signature: Signature;
  private readonly bytes: number[] = [];
  private readonly locals: WasmType[] = [];
  /** Temporaries, and how many of them are taken. */
  private readonly temporaries: Record<WasmType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  private taken: Record<WasmType, number> = { ...none };
  private depth = 0;

  constructor(signature: Signature) {
    this.signature = signature;
  }

  local(type: WasmType): number {
    return this.signature.parameters.length + this.locals.push(type) - 1;
  }
  /** A local for use until `freeTemporaries`. A function with hundreds of locals compiles slowly, so they serve again and again. */
  temporary(type: WasmType): number {
    const known = this.temporaries[type];
    if (known.length === this.taken[type]) known.push(this.local(type));
    return known[this.taken[type]++];
  }
  freeTemporaries(): void {
    this.taken = { ...none };
  }
  op(...names: Opcode[]): this {
    for (const name of names) this.bytes.push(opcodes[name]);
    return this;
  }
  i32(value: number): this {
    this.bytes.push(0x41);
    signed(this.bytes, BigInt(value | 0));
    return this;
  }
  i64(value: bigint): this {
    this.bytes.push(0x42);
    signed(this.bytes, BigInt.asIntN(64, value));
    return this;
  }
  f64(value: number): this {
    this.bytes.push(0x44, ...new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }
  get(local: number): this {
    return this.with(0x20, local);
  }
  set(local: number): this {
    return this.with(0x21, local);
  }
  tee(local: number): this {
    return this.with(0x22, local);
  }
  /** A load or store at the address on the stack plus `offset`; any alignment. */
  access(name: AccessOpcode, offset: number): this {
    if (name === 'v128.load' || name === 'v128.store') this.bytes.push(0xfd, vectorAccesses[name], 0);
    else this.bytes.push(accesses[name], 0);
    unsigned(this.bytes, offset);
    return this;
  }
  vector(name: VectorOpcode): this {
    this.bytes.push(0xfd);
    unsigned(this.bytes, vectorOpcodes[name]);
    return this;
  }
  /** Lane `index` of a vector of 64-bit lanes. */
  extractLane(shape: 'i64x2', index: 0 | 1): this {
    this.bytes.push(0xfd, laneExtracts[shape], index);
    return this;
  }
  /** Sixteen bytes of two vectors, by their numbers. */
  shuffle(bytes: readonly number[]): this {
    this.bytes.push(0xfd, 13, ...bytes);
    return this;
  }
  call(index: number): this {
    return this.with(0x10, index);
  }
  /** Calls the function of this type whose number in table 0 is on the stack. */
  callIndirect(type: number): this {
    this.with(0x11, type).bytes.push(0);
    return this;
  }

  block(): number {
    this.bytes.push(0x02, 0x40);
    return ++this.depth;
  }
  loop(): number {
    this.bytes.push(0x03, 0x40);
    return ++this.depth;
  }
  if(result?: WasmType): number {
    this.bytes.push(0x04, result ? typeByte[result] : 0x40);
    return ++this.depth;
  }
  else(): this {
    this.bytes.push(0x05);
    return this;
  }
  end(): this {
    this.depth--;
    this.bytes.push(0x0b);
    return this;
  }
  branch(label: number): this {
    return this.with(0x0c, this.depth - label);
  }
  /** The same where the condition on the stack is not zero. */
  branchIf(label: number): this {
    return this.with(0x0d, this.depth - label);
  }
  branchTable(labels: readonly number[], otherwise: number): this {
    this.with(0x0e, labels.length);
    for (const label of labels) unsigned(this.bytes, this.depth - label);
    unsigned(this.bytes, this.depth - otherwise);
    return this;
  }

  private with(opcode: number, immediate: number): this {
    this.bytes.push(opcode);
    unsigned(this.bytes, immediate);
    return this;
  }

  /** The body as the code section holds it. */
  finish(): number[] {
    const head: number[] = [];
    unsigned(head, this.locals.length);
    for (const type of this.locals) head.push(1, typeByte[type]);
    const size: number[] = [];
    unsigned(size, head.length + this.bytes.length + 1);
    return [...size, ...head, ...this.bytes, 0x0b];
  }
}

/** A name of ASCII letters, shorter than 128. */
const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];

/** A module under construction. Imports (all from 'env') first, then functions. */
export class ModuleWriter {
  private readonly types: string[] = [];
  private readonly typeBytes: number[][] = [];
  private readonly imports: number[][] = [];
  private readonly functions: { readonly type: number; readonly code: Code }[] = [];
  private readonly exports: number[][] = [];
  private functionImports = 0;

  type({ parameters, results }: Signature): number {
    const bytes = [0x60, parameters.length, ...parameters.map((t) => typeByte[t]), results.length, ...results.map((t) => typeByte[t])];
    const known = this.types.indexOf(bytes.join());
    if (known >= 0) return known;
    this.typeBytes.push(bytes);
    return this.types.push(bytes.join()) - 1;
  }
  importMemory(pages: number): void {
    const limit: number[] = [];
    unsigned(limit, pages);
    this.import('memory', [2, 1, ...limit, ...limit]);
  }
  importTable(): void {
    this.import('table', [1, 0x70, 0, 1]);
  }
  importFunction(text: string, signature: Signature): number {
    const type: number[] = [];
    unsigned(type, this.type(signature));
    this.import(text, [0, ...type]);
    return this.functionImports++;
  }
  add(code: Code, exportName?: string): number {
    const index = this.functionImports + this.functions.push({ type: this.type(code.signature), code }) - 1;
    if (exportName) {
      const bytes = [...name(exportName), 0];
      unsigned(bytes, index);
      this.exports.push(bytes);
    }
    return index;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out: number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const section = (id: number, items: readonly (readonly number[])[]): void => {
      const body: number[] = [];
      unsigned(body, items.length);
      for (const item of items) for (const byte of item) body.push(byte);
      out.push(id);
      unsigned(out, body.length);
      for (const byte of body) out.push(byte);
    };
    section(1, this.typeBytes);
    section(2, this.imports);
    section(
      3,
      this.functions.map(({ type }) => {
        const index: number[] = [];
        unsigned(index, type);
        return index;
      }),
    );
    section(7, this.exports);
    section(
      10,
      this.functions.map(({ code }) => code.finish()),
    );
    return new Uint8Array(out);
  }

  private import(text: string, description: readonly number[]): void {
    this.imports.push([...name('env'), ...name(text), ...description]);
  }
}
