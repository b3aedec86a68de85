/** TLB and cache maintenance and address translation in words, with their operands (Arm ARM C5.3, C5.4, C5.5). */
import { bits, join64, low32 } from '../base/bits.ts';
import { CpuState, peekRegister } from '../cpu/index.ts';
import { CCSIDR_EL1, CSSELR_EL1, valueAt, valueIn } from '../cpu/registers/bits.ts';
import type { SystemOperationName } from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';
import { ZERO_BLOCK } from '../machine/memory-access.ts';
import type { AtOperation, TlbiOperation } from '../mmu/index.ts';
import type { RichText } from './views.ts';
import { code, hexCode, rich } from './words.ts';

/** What an operation does with its operand: "Invalidates the TLB entries of VA 0x40080000 ...", without an end. */
export function operationWords(machine: Machine, name: SystemOperationName, operand: bigint): RichText {
  const [kind, form] = name.split(' ') as [string, string];
  if (kind === 'TLBI') return tlbiWords(machine, name as TlbiOperation, operand);
  if (kind === 'AT') return atWords(machine, name as AtOperation, operand);
  return cacheWords(machine, kind, form, operand);
}

/** Of what the MMU drops for it. */
function tlbiWords({ mmu, options }: Machine, name: TlbiOperation, operand: bigint): RichText {
  const named = mmu.invalidation(name, low32(operand), Number(operand >> 32n));
  const { regime, stage, vmid, asid, page } = named;
  const shared = named.isInnerShareable ? ', in the Inner Shareable domain' : '';
  const ofVmid = options.el2 && vmid !== null ? ` of VMID ${vmid}` : '';
  const withOperand = rich(' (operand ', hexCode(operand), ')', shared);
  if (page) {
    const entries = `${named.isLastLevel ? 'last-level ' : ''}${stage === 2 ? 'stage 2 ' : ''}TLB entries`;
    const whose = regime === 'el2' ? ' at EL2' : stage === 2 ? '' : asid === null ? ', any ASID' : `, ASID ${asid}`;
    const address = hexCode(join64(page.low, page.high) << 12n);
    return rich(`Invalidates the ${entries} of ${stage === 2 ? 'IPA' : 'VA'} `, address, `${whose}${ofVmid}`, withOperand);
  }
  if (asid !== null) return rich(`Invalidates the TLB entries of ASID ${asid}${ofVmid}`, withOperand);
  if (regime === 'el2') return rich(`Invalidates all TLB entries of EL2${shared}`);
  if (vmid === null) return rich(`Invalidates all TLB entries of EL1 and EL0, for all VMIDs${shared}`);
  return stage === 1
    ? rich(`Invalidates all stage 1 TLB entries of EL1 and EL0${ofVmid}${shared}`)
    : rich(`Invalidates all TLB entries of EL1 and EL0${ofVmid}, stage 1 and stage 2${shared}`);
}

const pointOf: Readonly<Record<string, string>> = { C: 'to the Point of Coherency', U: 'to the Point of Unification' };
const verbs: Readonly<Record<string, string>> = { I: 'Invalidates', C: 'Cleans', CI: 'Cleans and invalidates' };

function cacheWords(machine: Machine, kind: string, form: string, operand: bigint): RichText {
  if (form === 'ZVA')
    return rich('Stores zeros to the 64-byte block at ', hexCode(operand & ~BigInt(ZERO_BLOCK - 1)), ', which contains ', hexCode(operand));
  if (kind === 'IC')
    return form === 'IVAU'
      ? rich('Invalidates the instruction cache line of VA ', hexCode(operand), ` ${pointOf.U}`)
      : rich(`Invalidates the whole instruction cache${form === 'IALLUIS' ? ', in the Inner Shareable domain' : ''}`);
  const setWay = /^(I|C|CI)SW$/.exec(form);
  if (setWay) return rich(`${verbs[setWay[1]]} ${setWayWords(machine, operand)}`);
  const [, verb, point] = /^(I|C|CI)VA(C|U)$/.exec(form)!;
  return rich(`${verbs[verb]} the data cache line of VA `, hexCode(operand), ` ${pointOf[point]}`);
}

/** SetWay, bits 31:4 of the operand, by the geometry of the level; Level - 1 in bits 3:1. */
function setWayWords({ cpu, environment }: Machine, operand: bigint): string {
  const level = bits(operand, 3, 1);
  const copy = new CpuState(cpu.bytes.slice().buffer);
  copy.set('CSSELR_EL1', BigInt(valueAt(CSSELR_EL1.Level, Number(level))));
  const geometry = low32(peekRegister(copy, environment, 'CCSIDR_EL1') ?? 0n);
  if (geometry === 0) return `a line of a level ${level + 1n} data cache, which does not exist`;
  const line = valueIn(geometry, CCSIDR_EL1.LineSize) + 4;
  const wayBits = (valueIn(geometry, CCSIDR_EL1.Associativity) + 1).toString(2).length - 1;
  const way = bits(operand & 0xffff_ffffn, 31, 32 - wayBits);
  return `set ${bits(operand, 31 - wayBits, line)}, way ${way} of the level ${level + 1n} data cache`;
}

function atWords({ mmu }: Machine, name: AtOperation, operand: bigint): RichText {
  const [, stages, level, access] = /^AT S(12|1)E(\d)(R|W)$/.exec(name)!;
  const what = rich(
    'Translates VA ',
    hexCode(operand),
    ` for a ${access === 'R' ? 'read' : 'write'} at EL${level}, through ${stages === '12' ? 'both stages' : 'stage 1'}: `,
  );
  const result = mmu.addressTranslate(name, Number(operand & 0xffff_ffffn), Number(operand >> 32n));
  if (result.fault) return rich(what, 'the walk itself faults');
  const failed = result.par & 1n;
  return rich(what, code('PAR_EL1'), ' becomes ', hexCode(result.par), failed ? ', a fault' : '');
}
