/**
 * The registers as gdb numbers them: x0 to x30, sp, pc and cpsr, v0 to v31 with fpsr and fpcr, then every system register of this machine
 * under its architectural name. The first two groups are gdb's own and go by `g`; the third is asked for one by one.
 */
import { InputError } from '../../base/errors.ts';
import { describeRegister, packSpsr, peekRegister, systemRegisterTable } from '../../cpu/index.ts';
import { DAIF, NZCV } from '../../cpu/registers/bits.ts';
import { changeableRegister } from '../../machine/changeable.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Session } from '../../session/session.ts';
import { fromHex } from './packet.ts';

interface GdbRegister {
  readonly name: string;
  readonly bytes: number;
  read(machine: Machine): bigint;
  /** What a write changes of the machine, by the names that can be changed. */
  write(value: bigint, machine: Machine): readonly (readonly [register: string, value: bigint])[];
}

const general = (name: string, read: GdbRegister['read']): GdbRegister => ({ name, bytes: 8, read, write: (value) => [[name, value]] });

/** PSTATE as SPSR_ELx would hold it. Its level cannot be written: only an exception or a return changes that. */
const cpsr: GdbRegister = {
  name: 'cpsr',
  bytes: 4,
  read: ({ cpu }) => BigInt(packSpsr(cpu)),
  write(value, { cpu }) {
    const wanted = Number(value & 0xffff_ffffn);
    const parts = [
      ['NZCV', SPSR_NZCV],
      ['DAIF', SPSR_DAIF],
      ['SPSel', 1],
    ] as const;
    const others = ~parts.reduce<number>((bits, [, mask]) => bits | mask, 0);
    if ((wanted ^ packSpsr(cpu)) & others) throw new InputError('only N, Z, C, V, D, A, I, F and SP of PSTATE can be written');
    return parts.map(([name, mask]) => [name, BigInt((wanted & mask) >>> 0)] as const);
  },
};
const SPSR_NZCV = NZCV.N | NZCV.Z | NZCV.C | NZCV.V;
const SPSR_DAIF = DAIF.D | DAIF.A | DAIF.I | DAIF.F;

const core: readonly GdbRegister[] = [
  ...Array.from({ length: 31 }, (_, i) => general(`x${i}`, ({ cpu }) => cpu.x(i))),
  general('sp', ({ cpu }) => cpu.sp),
  general('pc', ({ cpu }) => cpu.pc),
  cpsr,
];
const control = (name: string, register: string, read: GdbRegister['read']): GdbRegister => ({
  name,
  bytes: 4,
  read,
  write: (value) => [[register, value]],
});
const fpu: readonly GdbRegister[] = [
  ...Array.from({ length: 32 }, (_, i): GdbRegister => ({ ...general(`v${i}`, ({ cpu }) => cpu.v(i)), bytes: 16 })),
  control('fpsr', 'FPSR', ({ cpu }) => BigInt(cpu.fpsr)),
  control('fpcr', 'FPCR', ({ cpu }) => BigInt(cpu.fpcr)),
];
/** Those that `g` and `G` carry. */
const together = core.length + fpu.length;

/** QEMU's gdbstub calls these registers of EL1 by short names, and scripts do too. */
const shortNames = ['SCTLR', 'CPACR', 'VBAR', 'CNTKCTL'];

/** The registers of a machine, by number. */
export class GdbRegisters {
  private readonly all: readonly GdbRegister[];
  private readonly system: readonly GdbRegister[];

  constructor(private readonly machine: Machine) {
    const { cpu, environment } = machine;
    const readable = systemRegisterTable
      .map(({ name }) => name)
      .filter((name) => name !== 'FPCR' && name !== 'FPSR' && peekRegister(cpu, environment, name) !== undefined);
    const register = (name: string, own: string): GdbRegister => ({
      name,
      bytes: 8,
      read: () => peekRegister(cpu, environment, own) ?? 0n,
      write: (value) => [[own, value]],
    });
    const short = shortNames.filter((name) => readable.includes(`${name}_EL1`) && !readable.includes(name));
    this.system = [...readable.map((name) => register(name, name)), ...short.map((name) => register(name, `${name}_EL1`))];
    this.all = [...core, ...fpu, ...this.system];
  }

  /** In the digits of gdb's packets; undefined where there is none of this number. */
  read(number: number): string | undefined {
    const register = this.all[number] as GdbRegister | undefined;
    return register && littleEndian(register.read(this.machine), register.bytes);
  }
  readAll(): string {
    return this.all
      .slice(0, together)
      .map((one) => littleEndian(one.read(this.machine), one.bytes))
      .join('');
  }

  /** False where there is none of this number, or the digits are not those of its value. Throws InputError where it cannot be written. */
  write(session: Session, number: number, digits: string): boolean {
    const register = this.all[number] as GdbRegister | undefined;
    const bytes = fromHex(digits);
    if (!register || bytes?.length !== register.bytes) return false;
    const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    if (value === register.read(this.machine)) return true;
    const changes = register.write(value, this.machine);
    for (const [name] of changes)
      if (!changeableRegister(this.machine, name)) throw new InputError(`${register.name} cannot be written: it is read-only`);
    for (const [name, to] of changes) session.setRegister({ register: name, value: `0x${to.toString(16)}`, replace: true });
    return true;
  }
  writeAll(session: Session, digits: string): boolean {
    const wanted = this.all.slice(0, together);
    if (digits.length !== 2 * wanted.reduce((sum, { bytes }) => sum + bytes, 0)) return false;
    let at = 0;
    return wanted.every(({ bytes }, number) => this.write(session, number, digits.slice(at, (at += 2 * bytes))));
  }

  /** target.xml (appendix G.5.1 "AArch64 Features" for the first two; a name of our own for the third). */
  description(): string {
    const lines = (registers: readonly GdbRegister[], type: (register: GdbRegister) => string): string =>
      registers.map((one) => `<reg name="${one.name}" bitsize="${8 * one.bytes}"${type(one)}/>`).join('\n');
    const coreTypes: Readonly<Record<string, string>> = { sp: ' type="data_ptr"', pc: ' type="code_ptr"', cpsr: ' type="cpsr_flags"' };
    return `<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>aarch64</architecture>
<feature name="org.gnu.gdb.aarch64.core">
<flags id="cpsr_flags" size="4">
${flagFields}
</flags>
${lines(core, ({ name }) => coreTypes[name] ?? '')}
</feature>
<feature name="org.gnu.gdb.aarch64.fpu">
${vectorTypes}
${lines(fpu, ({ bytes }) => (bytes === 16 ? ' type="aarch64v"' : ' group="float"'))}
</feature>
<feature name="org.elscope.aarch64.system">
${lines(this.system, () => ' type="uint64" group="system" save-restore="no"')}
</feature>
</target>
`;
  }
}

const littleEndian = (value: bigint, bytes: number): string =>
  value
    .toString(16)
    .padStart(2 * bytes, '0')
    .match(/../g)!
    .reverse()
    .join('');

/** The fields of PSTATE: the flags where SPSR_ELx has them, and what its M is made of. */
const flagFields = [
  ...describeRegister('SPSR_EL1', 0n)!.fields.filter(({ name }) => /^[A-LN-Z]+$/.test(name)),
  { name: 'EL', low: 2, high: 3 },
  { name: 'SP', low: 0, high: 0 },
]
  .map(({ name, low, high }) => `<field name="${name}" start="${low}" end="${high}"/>`)
  .join('\n');

/** A vector register as gdb shows it: lanes of every size, signed, unsigned and floating-point. */
const lanes = [
  ['d', 64, { f: 'ieee_double', u: 'uint64', s: 'int64' }],
  ['s', 32, { f: 'ieee_single', u: 'uint32', s: 'int32' }],
  ['h', 16, { f: 'ieee_half', u: 'uint16', s: 'int16' }],
  ['b', 8, { u: 'uint8', s: 'int8' }],
  ['q', 128, { u: 'uint128', s: 'int128' }],
] as const;
const vectorTypes = [
  ...lanes.flatMap(([lane, bits, types]) =>
    Object.entries(types).map(([kind, type]) => `<vector id="v${lane}${kind}" type="${type}" count="${128 / bits}"/>`),
  ),
  ...lanes.map(([lane, , types]) => {
    const fields = Object.keys(types).map((kind) => `<field name="${kind}" type="v${lane}${kind}"/>`);
    return `<union id="vn${lane}">${fields.join('')}</union>`;
  }),
  `<union id="aarch64v">${lanes.map(([lane]) => `<field name="${lane}" type="vn${lane}"/>`).join('')}</union>`,
].join('\n');
