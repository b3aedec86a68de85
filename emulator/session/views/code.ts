import { VA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { hex } from '../../base/hex.ts';
import { explainInstruction } from '../../explain/instruction.ts';
import { lastEvent } from '../../explain/events.ts';
import { rich } from '../../explain/words.ts';
import { placeOf, type Names } from '../../explain/subject.ts';
import { disassemble, type Disassembly } from '../../isa/index.ts';
import type { Program } from '../program.ts';
import { limits } from '../limits.ts';
import { address, count } from '../schemas.ts';
import { atRest, view, type Live } from '../view.ts';
import type { CodeLine, CodeView, Level } from '../views.ts';

/** Lines shown of where a trap came from. */
const CAME_FROM_LINES = 4;

/** Lines around an address, by default the PC; with `follow` around the PC too where it is not among those lines. */
const params = v.strictObject({
  before: v.pipe(count, v.maxValue(limits.codeLines)),
  after: v.pipe(count, v.maxValue(limits.codeLines)),
  address: v.optional(address),
  follow: v.optional(v.boolean()),
});
type Params = v.InferOutput<typeof params>;

export const code = view(params, (program, params, { breakpoints, isHeld } = atRest): CodeView => {
  const { machine, names } = program;
  const { cpu } = machine;
  const start = firstLine(params, cpu.pc);
  return {
    at: machine.steps,
    level: cpu.el,
    place: placeOf(names.of(cpu.el), cpu.pc),
    lines: codeLines(program, breakpoints, start, params.before + params.after + 1, cpu.el),
    section: sectionAt(program, start),
    explanation: isHeld ? rich('What it does is your question.') : explainInstruction(program),
    cameFrom: cameFrom(program, breakpoints),
  };
});

/** VA of the first line. */
function firstLine({ before, after, address, follow }: Params, pc: VA): VA {
  const around = (centre: bigint): VA => VA(BigInt.asUintN(64, centre - BigInt(before * 4)));
  if (address === undefined) return around(pc);
  const start = around(BigInt(address) & ~3n);
  const isShown = pc >= start && pc < start + BigInt((before + after + 1) * 4);
  return follow && !isShown ? around(pc) : start;
}

function sectionAt({ sections }: Program, address: VA): CodeView['section'] {
  const section = sections.find(({ address: from, bytes }) => address >= from && address < from + BigInt(bytes));
  return section ? { name: section.name, from: hex(section.address), to: hex(section.address + BigInt(section.bytes)) } : null;
}

function codeLines(program: Program, breakpoints: Live['breakpoints'], start: VA, count: number, el: Level): CodeLine[] {
  const { machine } = program;
  const reader = new CodeReader(program, el);
  const lines: CodeLine[] = [];
  for (let i = 0; i < count; i++) {
    const address = VA(BigInt.asUintN(64, start + BigInt(i * 4)));
    const { word, seenBy } = reader.read(address);
    const instruction = word === undefined ? undefined : disassemble(word, address);
    const names = seenBy === 'file' ? program.names.recorded.linked : program.names.of(seenBy);
    const symbol = names.symbol(address);
    const place = names.line(address);
    lines.push({
      address: hex(address),
      word: word === undefined ? null : hex(word),
      mnemonic: word === undefined ? '' : (instruction?.mnemonic ?? 'undefined'),
      operands: instruction ? withTarget(instruction, names) : '',
      ...(symbol !== undefined && !symbol.includes('+') ? { label: symbol } : {}),
      ...place,
      ...(word !== undefined && seenBy !== el && { seenBy }),
      current: address === machine.cpu.pc,
      breakpoint: breakpoints.get(address) ?? null,
    });
  }
  return lines;
}

/** Instruction words as a level would fetch them; if it cannot, as another level would, and failing that as they are in the file. */
class CodeReader {
  private readonly levels: readonly Level[];
  private page = -1n;
  private seenBy: Level | 'file' = 'file';

  constructor(
    private readonly program: Program,
    el: Level,
  ) {
    this.levels = [el, ...([2, 1, 0] as const).filter((other) => other !== el)];
  }

  read(address: VA): { word: number | undefined; seenBy: Level | 'file' } {
    const { machine } = this.program;
    const page = address >> 12n;
    if (page !== this.page) {
      this.page = page;
      this.seenBy = this.levels.find((level) => machine.fetchWord(address, level) !== undefined) ?? 'file';
    }
    const { seenBy } = this;
    return { word: seenBy === 'file' ? this.inFile(address) : machine.fetchWord(address, seenBy), seenBy };
  }

  private inFile(address: VA): number | undefined {
    const section = this.program.sections.find(
      ({ address: from, isExecutable, data }) => isExecutable && address >= from && address + 4n <= from + BigInt(data.length),
    );
    if (!section) return undefined;
    const { data } = section;
    return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(Number(address - section.address), true);
  }
}

/** Operands with the name of the place they lead to, as GNU tools write it: `0x40080f90 <el2_vectors_save>`. */
function withTarget({ operands, target }: Disassembly, names: Pick<Names, 'symbol'>): string {
  const symbol = target === undefined ? undefined : names.symbol(VA(target));
  return symbol === undefined ? operands : `${operands} <${symbol}>`;
}

/** The instructions up to the one that a trap or return came from, as the level saw them. */
function cameFrom(program: Program, breakpoints: Live['breakpoints']): CodeView['cameFrom'] {
  const event = lastEvent(program);
  if (!event || event.kind === 'psci' || event.from === event.to) return null;
  const start = VA(event.causePc - BigInt((CAME_FROM_LINES - 1) * 4));
  const lines = codeLines(program, breakpoints, start, CAME_FROM_LINES, event.from).map((line) => ({
    ...line,
    current: line.address === hex(event.causePc),
  }));
  return { level: event.from, place: event.causePlace, lines };
}
