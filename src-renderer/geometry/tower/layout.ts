/**
 * Where the floors stand. The tower never scrolls: it fills its panel, gives registers a second line (their meaning) where there is
 * room, and lets go of registers that the event does not touch where there is none.
 */
import type { Floor, LevelsView, RegisterValue } from '../../../emulator/session/views.ts';
import { textWidth } from '../text.ts';

export interface FloorBox {
  readonly floor: Floor;
  readonly y: number;
  readonly h: number;
  /** Height of a register's row; from 30 on there is room for a second line. */
  readonly rowHeight: number;
  /** Left column: what an exception writes. Right column: what controls the level. */
  readonly columns: readonly (readonly RegisterValue[])[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly compact: boolean;
  readonly floors: readonly FloorBox[];
  /** y of the middle of the band that the gate stands in, and whether it is below EL1 instead of above it. */
  readonly band: { readonly y: number; readonly height: number };
  /** The gap that the gate (reason for the route) stands in. */
  readonly gateY: number;
  readonly x: Columns;
}

export interface Columns {
  readonly left: number;
  readonly right: number;
  /** Text of the floor's name. */
  readonly label: number;
  readonly labelWidth: number;
  readonly registers: readonly [number, number];
  readonly registerWidths: readonly [number, number];
  /** From a register's name to its value. */
  readonly valueOffset: number;
  /** Arrows rise and fall here. */
  readonly gutter: number;
  readonly side: number;
  readonly sideWidth: number;
}

export const RIDER = 42;
/** What is on the right of a floor needs this much to be legible. */
const NARROW_SIDE = 130;
const NARROW = 860;
const PAD = 9;
const GAP = 10;
const ONE_LINE = 19;
const TWO_LINES = 33;

const exceptionRegisters = /^(SPSR|ELR|ESR|FAR|HPFAR)_/;

/** Exception registers left, the rest right; the longer column gives to the shorter one while they differ by more than one. */
function inColumns(registers: readonly RegisterValue[]): RegisterValue[][] {
  const left = registers.filter((register) => exceptionRegisters.test(register.name));
  const right = registers.filter((register) => !exceptionRegisters.test(register.name));
  while (right.length > left.length + 1) left.push(right.pop()!);
  while (left.length > right.length + 1) right.push(left.pop()!);
  return [left, right];
}

/**
 * Where there is little room, registers take what their values need, but leave enough for what is on the right: longer values are shown by
 * their last digits.
 */
function narrowRegisters(needs: readonly Need[], valueOffset: number, most: number): [number, number] {
  const widest = (column: number): number =>
    Math.max(
      ...needs.flatMap(({ columns }) =>
        columns[column].flatMap(({ value, before }) => [value, before ?? '']).map((value) => textWidth(value, 'mono small bold')),
      ),
    );
  const [a, b] = [widest(0), widest(1)].map((value) => Math.min(199, Math.max(150, valueOffset + value + 12)));
  return [Math.min(a, Math.max(most / 2, most - b)), Math.min(b, Math.max(most / 2, most - a))];
}

function columnsX(width: number, compact: boolean, needs: readonly Need[]): Columns {
  const left = 12;
  const right = width - 12;
  if (compact) {
    const room = Math.max(0, width - 720);
    const valueOffset = 70;
    const first = 114;
    const [a, b] = narrowRegisters(needs, valueOffset, right - first - NARROW_SIDE - 38).map((wide) => wide + room * 0.3);
    const side = first + a + b + 26;
    return {
      left,
      right,
      label: 26,
      labelWidth: first - 51,
      registers: [first, first + a + 4],
      registerWidths: [a, b],
      valueOffset,
      gutter: side - 14,
      side,
      sideWidth: right - side - 12,
    };
  }
  const room = Math.max(0, width - 880);
  const registerWidth = 228 + room * 0.28;
  const first = 152 + room * 0.08;
  const side = first + 2 * registerWidth + 34;
  return {
    left,
    right,
    label: 32,
    labelWidth: first - 56,
    registers: [first, first + registerWidth + 8],
    registerWidths: [registerWidth, registerWidth],
    valueOffset: 80,
    gutter: side - 18,
    side,
    sideWidth: right - side - 16,
  };
}

interface Need {
  readonly floor: Floor;
  readonly registers: readonly RegisterValue[];
  readonly columns: readonly (readonly RegisterValue[])[];
  readonly rows: number;
  /** What is on the right needs this much. */
  readonly side: number;
}

const floorHeight = (need: Need, rowHeight: number): number => Math.max(PAD + RIDER + 8 + need.rows * rowHeight + 4, need.side);

const isWritten = (register: RegisterValue): boolean => register.step !== undefined;

/** Rows of all registers that a floor keeps whatever happens: those that the event touches, and as many as stand beside what is on the right. */
function fewestRows(need: Need): number {
  const touched = need.registers.filter(isWritten).length;
  return Math.max(2, Math.ceil(touched / 2), Math.floor((need.side - PAD - RIDER - 12) / ONE_LINE));
}

export function layout(view: LevelsView, width: number, height: number, detail: 'auto' | 'essential', compact = width < NARROW): Layout {
  const { event } = view;
  const move = event ?? view.preflight;
  const bandHeight = compact ? 40 : 46;
  const groundHeight = compact ? 44 : 48;
  const keep = (register: RegisterValue): boolean =>
    detail === 'auto' || register.step !== undefined || /^(HCR|VTTBR|VBAR|SP|SPSR|ELR|ESR|SCTLR|TTBR1)_/.test(register.name);
  // In the event's own floor the vector table or a card is on the right, or both when the event stays on its level.
  const tableNeed = compact ? 34 + 4 * 19 : 44 + 4 * 24;
  const sideNeed = (el: number): number => {
    if (event && event.kind === 'exception' && event.to === el) return tableNeed + (event.from === el ? 52 : 14);
    if (!move) return view.vectors.el === el ? tableNeed + 14 : 0;
    if (move && (move.from === el || move.to === el) && el > 0) return move.from === move.to ? 136 : 84;
    return 0;
  };
  const needs: Need[] = view.floors
    .filter((floor) => floor.el === 2 || floor.el === 1)
    .map((floor) => {
      const registers = floor.registers.filter(keep);
      const columns = inColumns(registers);
      return { floor, registers, columns, rows: Math.max(...columns.map((column) => column.length), 1), side: sideNeed(floor.el) };
    });
  const lowGate = gateBelowEl1(view);
  const el3 = compact ? 28 : 32;
  const fixed = 6 + el3 + GAP + bandHeight + (lowGate ? bandHeight : GAP) + groundHeight + 6;
  const total = (rows: readonly number[]): number => fixed + needs.reduce((sum, need, i) => sum + floorHeight(need, rows[i]), 0);
  const choices: number[][] = [
    [TWO_LINES, TWO_LINES],
    [TWO_LINES, ONE_LINE],
    [ONE_LINE, ONE_LINE],
  ];
  let rows = choices.find((choice) => total(choice) <= height) ?? choices[2];
  // The last resort: rows that the event does not touch go, first from the floor that the event leaves alone.
  while (total(rows) > height) {
    const longest = needs
      .filter((need) => need.rows > fewestRows(need))
      .reduce<Need | undefined>(
        (a, b) => (a === undefined || b.rows > a.rows || (b.rows === a.rows && !b.registers.some(isWritten)) ? b : a),
        undefined,
      );
    // What is too high is drawn as a narrow one is.
    if (longest === undefined && !compact) return layout(view, width, height, detail, true);
    if (longest === undefined) break;
    needs.splice(needs.indexOf(longest), 1, dropRow(longest));
  }
  // What is left over makes rows airier, then floors higher.
  const spare = Math.max(0, height - total(rows));
  const rowCount = needs.reduce((sum, need) => sum + need.rows, 0);
  const airier = Math.min(spare / rowCount, 7);
  rows = rows.map((row) => row + airier);
  const rest = Math.max(0, height - total(rows));
  const stretch = Math.min(rest / Math.max(1, needs.length), 40);

  const floors: FloorBox[] = [];
  let y = 6;
  let band = 0;
  let gateY = 0;
  for (const floor of view.floors) {
    const index = needs.findIndex((need) => need.floor === floor);
    const h = floor.el === 3 ? el3 : floor.el === 0 ? groundHeight : floorHeight(needs[index], rows[index]) + stretch;
    floors.push({ floor, y, h, rowHeight: rows[index] ?? ONE_LINE, columns: needs[index]?.columns ?? [floor.registers] });
    y += h;
    if (floor.el === 3) y += GAP;
    if (floor.el === 2) {
      band = y + bandHeight / 2;
      gateY = band;
      y += bandHeight;
    }
    if (floor.el === 1) {
      if (lowGate) gateY = y + bandHeight / 2;
      y += lowGate ? bandHeight : GAP;
    }
  }
  return {
    width,
    height: Math.max(height, y + 6),
    compact,
    floors,
    band: { y: band, height: bandHeight },
    gateY,
    x: columnsX(width, compact, needs),
  };
}

/** An event between EL0 and EL1 passes below EL1: its reason is shown there. */
function gateBelowEl1(view: LevelsView): boolean {
  const move = view.event ?? view.preflight;
  return !!move && move.to !== null && Math.max(move.from, move.to) === 1 && Math.min(move.from, move.to) === 0;
}

/** The last registers that the event leaves alone go, until one row is less. */
function dropRow(need: Need): Need {
  let { registers, columns } = need;
  while (Math.max(...columns.map((column) => column.length)) === need.rows) {
    const last = registers.findLastIndex((register) => !isWritten(register));
    registers = registers.filter((_, i) => i !== last);
    columns = inColumns(registers);
  }
  return { ...need, registers, columns, rows: need.rows - 1 };
}
