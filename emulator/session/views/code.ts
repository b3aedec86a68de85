import { hex } from '../../base/hex.ts';
import { explainInstruction } from '../../explain/instruction.ts';
import { lastEvent } from '../../explain/events.ts';
import { placeOf } from '../../explain/subject.ts';
import { rich } from '../../explain/words.ts';
import { disassemble, type Disassembly } from '../../isa/index.ts';
import type { Program } from '../program.ts';
import type { Session } from '../session.ts';
import type { CodeLine, CodeView, Level, Views } from '../views.ts';

/** Lines shown of where a trap came from. */
const CAME_FROM_LINES = 4;

/** Code around pc, or around an address. */
export function codeView(session: Session, { before, after, address }: Views['code']['params']): CodeView {
  const program = session.needProgram();
  const { machine, names } = program;
  const { cpu } = machine;
  const centre = address === undefined ? cpu.pc : BigInt(address) & ~3n;
  const word = machine.fetchWord(cpu.pc);
  const instruction = word === undefined ? undefined : disassemble(word, cpu.pc);
  return {
    at: machine.steps,
    level: cpu.el,
    place: placeOf(names, cpu.pc),
    lines: codeLines(session, BigInt.asUintN(64, centre - BigInt(before * 4)), before + after + 1, cpu.el),
    explanation: instruction
      ? explainInstruction(instruction, cpu, names)
      : rich(word === undefined ? 'No instruction can be fetched here.' : 'This is not an instruction that exists.'),
    cameFrom: cameFrom(session),
  };
}

function codeLines(session: Session, start: bigint, count: number, el: Level): CodeLine[] {
  const { machine, names } = session.needProgram();
  const breakpoints = session.breakpoints.byAddress();
  const lines: CodeLine[] = [];
  for (let i = 0; i < count; i++) {
    const address = BigInt.asUintN(64, start + BigInt(i * 4));
    const word = machine.fetchWord(address, el);
    const instruction = word === undefined ? undefined : disassemble(word, address);
    const symbol = names.symbol(address);
    const line = names.line(address);
    lines.push({
      address: hex(address),
      word: word === undefined ? null : hex(word),
      mnemonic: word === undefined ? '' : (instruction?.mnemonic ?? 'undefined'),
      operands: instruction ? withTarget(instruction, names) : '',
      ...(symbol !== undefined && !symbol.includes('+') ? { label: symbol } : {}),
      ...line,
      current: address === machine.cpu.pc,
      breakpoint: breakpoints.get(address) ?? null,
    });
  }
  return lines;
}

/** Operands with the name of the place they lead to, as GNU tools write it: `0x40080f90 <el2_vectors_save>`. */
function withTarget({ operands, target }: Disassembly, names: Program['names']): string {
  const symbol = target === undefined ? undefined : names.symbol(target);
  return symbol === undefined ? operands : `${operands} <${symbol}>`;
}

/** The instructions up to the one that a trap or return came from, as the level saw them. */
function cameFrom(session: Session): CodeView['cameFrom'] {
  const program = session.needProgram();
  const event = lastEvent(program);
  if (!event || event.kind === 'psci' || event.from === event.to) return null;
  const start = event.causePc - BigInt((CAME_FROM_LINES - 1) * 4);
  const lines = codeLines(session, start, CAME_FROM_LINES, event.from).map((line) => ({
    ...line,
    current: line.address === hex(event.causePc),
  }));
  return { level: event.from, place: placeOf(program.names, event.causePc), lines };
}
