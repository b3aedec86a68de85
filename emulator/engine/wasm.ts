/** Writes WebAssembly: function bodies instruction by instruction, and the module around them. Knows nothing of Arm. */

export type WasmType = 'i32' | 'i64';
const typeByte: Record<WasmType, number> = { i32: 0x7f, i64: 0x7e };

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
  'i64.extend_i32_s': 0xac,
  'i64.extend_i32_u': 0xad,
} as const;
export type Opcode = keyof typeof opcodes;

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
} as const;
export type AccessOpcode = keyof typeof accesses;

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

/** One function body. Structured control keeps its own depth, so labels are values that stay right at any nesting. */
export class Code {
  readonly signature: Signature;
  private readonly bytes: number[] = [];
  private readonly locals: WasmType[] = [];
  /** Temporaries, and how many of them are taken. */
  private readonly temporaries: Record<WasmType, number[]> = { i32: [], i64: [] };
  private taken: Record<WasmType, number> = { i32: 0, i64: 0 };
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
    this.taken = { i32: 0, i64: 0 };
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
    this.bytes.push(accesses[name], 0);
    unsigned(this.bytes, offset);
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

  /** The body as it stands in the code section. */
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
