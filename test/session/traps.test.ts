/** What the session makes of the recording of traps: filters, lanes of any width, comparison, files, stories. */
import { PA, VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allTraps, openProgram, trapLine, trapText, views } from '../../emulator/index.ts';
import type { Program } from '../../emulator/index.ts';
import { disassembled } from '../../emulator/explain/instruction-text.ts';
import type { ExceptionEvent } from '../../emulator/cpu/events.ts';
import { parseTrapFilter } from '../../emulator/explain/trap-filter.ts';
import { trapRow, trapStory } from '../../emulator/explain/trap-story.ts';
import { trapSentence, trapWords } from '../../emulator/explain/trap-words.ts';
import { plain } from '../../emulator/explain/words.ts';
import { commandsOf } from '../../emulator/session/commands.ts';
import { lanesBetween } from '../../emulator/session/lanes.ts';
import { Session } from '../../emulator/session/session.ts';
import { TrapSelection } from '../../emulator/session/trap-selection.ts';
import { TrapLog } from '../../emulator/time/trap-log.ts';
import type { ComparisonView, TrapsView } from '../../emulator/session/views.ts';
import { comparisonView } from '../../emulator/session/views/comparison.ts';
import { traps as trapsView } from '../../emulator/session/views/traps.ts';

const bytesOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));
const run = (name: string): Program => {
  const program = openProgram(`${name}.elf`, bytesOf(name));
  while (program.timeline.forward(1e9) === 'budget');
  return program;
};
let stage2: Program;
let guests: Program;
let session: Session;
beforeAll(() => {
  stage2 = run('04-stage2');
  guests = run('06-two-guests');
  session = new Session(
    () => {},
    () => {},
  );
  session.replace(guests);
});
const indices = ({ timeline }: Program): number[] => Array.from({ length: timeline.traps.length }, (_, i) => i);

test('a table walk that stage 2 refuses is told as one: of the table only the page is known', () => {
  const { traps } = stage2.timeline;
  const found = indices(stage2).find((i) => traps.type(i) === 'DataAbort' && traps.faultIpa(i) !== undefined)!;
  const event = traps.get(found) as ExceptionEvent;
  const cause = { causePc: VA(0n), causePlace: { address: '0x0' }, causeWord: undefined, cameFrom: undefined, circumstance: undefined };
  const unknown = { ...cause, args: [], argSymbols: [], farSymbol: undefined, refused: undefined };
  const plainly = (one: ExceptionEvent): string => plain(trapSentence({ ...one, ...unknown }, stage2));
  expect(plainly(event)).toMatch(/^The guest at EL1 tried to (write to|read from) VA 0x\w+ \(IPA 0x\w+\), which stage 2 refuses/);
  // ISS.S1PTW, and without ISV.
  const walked = { ...event, esr: (event.esr! | 0x80) & ~(1 << 24), far: VA(0x1234_5678n), hpfar: 0x8_0010n };
  const log = new TrapLog();
  log.push(walked);
  expect(log.faultIpa(0)).toBe(0x8001_000);
  expect(plainly(walked)).toMatch(
    /^The guest at EL1 used VA 0x12345678; the stage 1 walk reached a table in the page at IPA 0x8001000, which stage 2 refuses/,
  );
  expect(trapWords(walked, stage2)).toMatch(/^walk of 0x12345678, table at IPA page 0x8001000: /);
});

describe('a filter', () => {
  const passed = (program: Program, filter: string): number[] => {
    const { traps } = program.timeline;
    const test = parseTrapFilter(filter);
    return indices(program).filter((i) => !test || test(traps, i, () => trapRow(program, i).text));
  };
  const those = (program: Program, is: (row: ReturnType<typeof trapRow>) => boolean): number[] =>
    indices(program).filter((i) => is(trapRow(program, i)));

  test('of nothing lets everything through', () => {
    for (const filter of ['', '  ', ', ,']) expect(passed(stage2, filter)).toEqual(indices(stage2));
  });
  test.each<[string, (row: ReturnType<typeof trapRow>) => boolean]>([
    ['hvc', ({ type }) => type === 'HVC'],
    ['HVC, dabt', ({ type }) => type === 'HVC' || type === 'DataAbort'],
    ['type:"data abort"', ({ type }) => type === 'DataAbort'],
    ['-eret', ({ type }) => type !== 'ERET'],
    ['from:EL1 to:2', ({ from, to }) => from === 1 && to === 2],
    ['vm:2 -wfi', ({ vmid, name }) => vmid === 2 && name !== 'WFI'],
    ['wfi', ({ name }) => name === 'WFI'],
    ['ec:0x16', ({ type }) => type === 'HVC'],
    ['guest_main to:EL1', ({ text, to }) => text.includes('guest_main') && to === 1],
    ['text:hypercall', ({ text }) => text.includes('hypercall')],
    ['"in guest_main"', ({ text }) => text.includes('in guest_main')],
  ])('%s', (filter, is) => {
    const wanted = those(guests, is);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(guests.timeline.traps.length);
    expect(passed(guests, filter)).toEqual(wanted);
  });
  test('of an address is about the register, or about its page', () => {
    const faults = indices(stage2).filter((i) => stage2.timeline.traps.faultIpa(i) !== undefined);
    const ipa = stage2.timeline.traps.faultIpa(faults[0])!;
    expect(passed(stage2, `ipa:0x${ipa.toString(16)}`)).toContain(faults[0]);
    const page = ipa - (ipa % 4096);
    expect(passed(stage2, `ipa:0x${page.toString(16)}`)).toEqual(
      faults.filter((i) => Math.floor(stage2.timeline.traps.faultIpa(i)! / 4096) === page / 4096),
    );
    expect(passed(stage2, `ipa:0x${(page + 0x1000000).toString(16)}`)).toEqual([]);
  });
  test.each([
    ['to:EL7', /to:EL7 \(expected EL0, EL1 or EL2\)/],
    ['vm:one', /vm:one \(expected a VMID/],
    ['ipa:', /ipa: has no value \(for example ipa:0x09000000\)/],
    ['colour:red', /colour: is not a filter key/],
    ['type:nonsense', /type:nonsense/],
  ])('%s is refused with a sentence', (filter, problem) => expect(() => parseTrapFilter(filter)).toThrow(problem));
});

describe('the list', () => {
  const view = (params: Partial<Parameters<typeof trapsView.of>[1]>): TrapsView =>
    trapsView.of(session.needProgram(), { first: 0, count: 1000, ...params }, session.live());

  test('is cut to a filter, a type and a range, and counted without the type', () => {
    const { traps } = guests.timeline;
    const [from, to] = [traps.step(4), traps.step(traps.length - 3)];
    const rows = view({ filter: 'vm:2', type: 'Trap', from, to }).rows;
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ vmid: 2, type: 'Trap' });
    expect(rows.every(({ n }) => n >= from && n < to)).toBe(true);
    const all = view({ filter: 'vm:2', from, to });
    expect(all.counts.reduce((sum, { count }) => sum + count, 0)).toBe(all.total);
    expect(view({ filter: 'vm:2', type: 'Trap', from, to })).toMatchObject({ counts: all.counts, total: rows.length, searched: 1 });
  });
  test('tells the place of a trap in it', () => {
    const filter = 'to:EL2';
    const { rows } = view({ filter });
    rows.forEach(({ index }, place) => expect(view({ filter, find: index }).found).toBe(place));
    // Of one that is not in it: the row before it.
    const out = view({ filter: '-to:EL2' }).rows.find(({ index }) => index > rows[2].index)!;
    expect(rows[view({ filter, find: out.index }).found!].index).toBeLessThan(out.index);
  });
  test('is looked through once, however often it is shown', () => {
    const { traps } = stage2.timeline;
    const selection = TrapSelection.of(traps, stage2, { filter: 'to:EL2' });
    expect(selection.advance(1000)).toBe(true);
    expect(TrapSelection.of(traps, stage2, { filter: 'to:EL2' })).toBe(selection);
    const { length } = selection.indices();
    selection.advance(1000);
    expect(selection.indices().length).toBe(length);
  });
});

describe('lanes', () => {
  /** What ran from when to when, from the events alone. */
  function ranges({ timeline: { traps, startLevel, end } }: Program): { key: string; from: number; to: number }[] {
    const list = [{ key: startLevel === 2 ? '2' : `${startLevel} 0`, from: 0, to: end }];
    for (let i = 0; i < traps.length; i++) {
      list.at(-1)!.to = traps.step(i) + 1;
      const el = traps.levelAfter(i);
      list.push({ key: el === 2 ? '2' : `${el} ${traps.vmidAfter(i)}`, from: traps.step(i) + 1, to: end });
    }
    return list;
  }

  test.each([
    [0, 1, 2048],
    [0.3, 0.9, 500],
    [0.71, 0.72, 300],
  ])('from %f to %f: spans are what ran', (a, b, width) => {
    const { timeline } = guests;
    const [from, to] = [Math.floor(a * timeline.end), Math.floor(b * timeline.end)];
    const view = lanesBetween(timeline.traps, timeline.startLevel, from, to, width);
    expect(view.events).toBe(timeline.traps.firstAt(to) - timeline.traps.firstAt(from));
    if (!view.spans) return expect(view.shares).toHaveLength(view.lanes.length);
    expect([view.spans[0].from, view.spans.at(-1)!.to]).toEqual([from, to]);
    const all = ranges(guests);
    for (const span of view.spans) {
      const middle = (span.from + span.to - 1) >> 1;
      expect(all.find((range) => range.from <= middle && middle < range.to)!.key).toBe(span.el === 2 ? '2' : `${span.el} ${span.vmid}`);
    }
  });
  test.each([1, 3, 5])('in %i bins: shares are the steps that each lane ran', (width) => {
    const { timeline } = guests;
    const [from, to] = [1000, timeline.end - 77];
    // Events close to each other force bins.
    const view = lanesBetween(timeline.traps, timeline.startLevel, from, to, width);
    expect(view.spans).toBeNull();
    const bin = (to - from) / width;
    view.lanes.forEach((lane, index) => {
      const own = ranges(guests).filter(({ key }) => key === (lane.el === 2 ? '2' : `${lane.el} ${lane.vmid}`));
      view.shares![index].forEach((share, i) => {
        const [start, end] = [from + i * bin, from + (i + 1) * bin];
        const ran = own.reduce((sum, range) => sum + Math.max(0, Math.min(end, range.to) - Math.max(start, range.from)), 0);
        expect(Math.abs(share - (ran / bin) * 255)).toBeLessThanOrEqual(1);
        expect(share > 0).toBe(ran > 0);
      });
    });
  });
});

describe('files of traps', () => {
  test('JSON lines are the lines of the recording', () => {
    const text = [...trapText('jsonl', stage2, allTraps(stage2))].join('');
    const lines = indices(stage2).map((i) => trapLine(stage2.timeline.traps.get(i)));
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(lines);
  });
  test('of a filter hold what it lets through, in pieces, with progress; a pause cancels', async () => {
    const shares: number[] = [];
    const file = await commandsOf(session).exportTraps({ format: 'csv', filter: 'vm:2', type: 'Trap' } as never, (share) =>
      shares.push(share ?? 0),
    );
    const rows = new TextDecoder()
      .decode((file as { bytes: Uint8Array }).bytes)
      .trimEnd()
      .split('\r\n');
    expect(rows).toHaveLength(1 + trapsView.of(session.needProgram(), { first: 0, count: 100, filter: 'vm:2', type: 'Trap' }).total);
    expect(file).toMatchObject({ name: '06-two-guests-traps.csv' });
  });
  test('Perfetto keeps to the tracks of what is chosen', async () => {
    const file = (await commandsOf(session).exportTraps({ format: 'perfetto', filter: 'to:EL2' } as never, () => {})) as {
      bytes: Uint8Array;
    };
    const { traceEvents } = JSON.parse(new TextDecoder().decode(file.bytes)) as {
      traceEvents: { ph: string; tid: number; args: { name?: string } }[];
    };
    expect(new Set(traceEvents.filter(({ ph }) => ph === 'X').map(({ tid }) => tid))).toEqual(new Set([1]));
  });
});

describe('two runs', () => {
  const compared = (): ComparisonView => {
    for (;;) {
      const view = comparisonView(session)!;
      if (view.result) return view;
    }
  };
  test('of one program do not differ; another program does, from its first event on', async () => {
    expect(comparisonView(session)).toBeNull();
    await commandsOf(session).compare({ name: 'again.elf', bytes: bytesOf('06-two-guests') } as never, () => {});
    const same = compared();
    expect(same.result).toMatchObject({ isSame: true, first: null, rows: [], common: guests.timeline.traps.length });
    expect(same.result!.sentence).toMatch(/^Nothing differs: /);
    expect(same.other).toMatchObject({ name: 'again.elf', isWhole: true, end: guests.timeline.end });
    await commandsOf(session).compare({ name: 'other.elf', bytes: bytesOf('04-stage2') } as never, () => {});
    const { first, rows, isSame } = compared().result!;
    expect(isSame).toBe(false);
    expect(first).toMatchObject({ older: { index: 0 }, newer: { index: 0 } });
    expect(rows[0].newer).toEqual(trapRow(guests, 0));
    expect(rows[0].older!.text).toBe(trapRow(stage2, 0).text);
    expect(session.program).toBe(guests);
  });
  test('a file that is neither program nor recording is refused, and nothing is lost', async () => {
    const before = session.comparison;
    await expect(Promise.resolve(commandsOf(session).compare({ name: 'x.txt', bytes: new Uint8Array(9) }, () => {}))).rejects.toThrow(
      /x\.txt/,
    );
    expect(session.comparison).toBe(before);
    expect(session.program).toBe(guests);
  });
});

describe('the story of a trap', () => {
  const storyOf = (program: Program, is: (row: ReturnType<typeof trapRow>) => boolean): NonNullable<ReturnType<typeof trapStory>> =>
    trapStory(
      program,
      indices(program).find((i) => is(trapRow(program, i)))!,
    )!;

  test('tells what the handler changed in memory, as the memory says before and after', () => {
    const { row, handler, changes } = storyOf(guests, ({ name, steps }) => name === 'WFI' && steps !== null);
    const { runs, bytes, pages } = changes!.memory!;
    expect(bytes).toBeGreaterThan(0);
    expect(pages).toBeGreaterThan(0);
    const read = (at: number, pa: string, text: string): string =>
      guests.timeline.excursion(
        at,
        () => {
          const size = text.includes(' ') ? text.split(' ').length : (text.length - 2) / 2;
          const now = [...guests.machine.board.bus.peekBytes(PA(Number(pa)), size)!].map((byte) => byte.toString(16).padStart(2, '0'));
          return text.includes(' ') ? now.join(' ') : `0x${now.reverse().join('')}`;
        },
        { key: 'memory' },
      );
    for (const { pa, before, after } of runs) {
      expect(read(row.n + 1, pa, before), `PA ${pa} before`).toBe(before);
      expect(read(handler!.returnsAt! + 1, pa, after), `PA ${pa} after`).toBe(after);
    }
    // A switch of guests: the tables of the other one, and its place to go on.
    const names = changes!.registers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['VTTBR_EL2', 'ELR_EL2']));
  });
  test('tells what it wrote to devices', () => {
    const whole = openProgram('hypervisor.elf', bytesOf('hypervisor'));
    whole.timeline.forward(3_000_000);
    const story = storyOf(whole, ({ text }) => /^write of 4 bytes at IPA 0x1c090000/.test(text));
    const sent = whole.timeline.output.stepOf(whole.timeline.output.lengthAt(story.row.n))!;
    expect(story.changes!.devices!.writes.find(({ register }) => register === 'UARTDR')!.n).toBe(sent);
  });
  test('of a call says what it was given', () => {
    const call = storyOf(guests, ({ type }) => type === 'HVC');
    expect(call.cause.args.map(({ name }) => name)).toEqual(['x0', 'x1', 'x2', 'x3']);
    guests.timeline.excursion(
      call.row.n,
      () => {
        for (const [i, { value }] of call.cause.args.entries()) expect(BigInt(value)).toBe(guests.machine.cpu.x(i));
      },
      { key: 'arguments' },
    );
    // The list says the first of them, kept with the trap.
    expect(call.row.text).toBe(`hvc #0x0, x0 = ${call.cause.args[0].value} in hypercall`);
    const off = storyOf(guests, ({ kind }) => kind === 'psci');
    expect(off.cause.args[0].text).toBe('SYSTEM_OFF');
    expect(plain(off.sentence)).toMatch(/PSCI SYSTEM_OFF, which does not return\.$/);
  });
  test('of a return is that of the trap it ends', () => {
    const entry = storyOf(guests, ({ type, steps }) => type === 'HVC' && steps !== null);
    const back = trapStory(guests, guests.timeline.traps.returnOf(entry.row.index)!)!;
    expect(back.ends).toEqual(entry.row);
    const { handler, returned, changes, nested } = entry;
    expect(back).toMatchObject({ handler, returned, changes, nested });
    expect(back.syndrome!.name).toBe('SPSR_EL2');
    guests.timeline.excursion(
      back.row.n + 1,
      () => {
        const { pc } = guests.machine.cpu;
        expect(returned!.place.address).toBe(`0x${pc.toString(16)}`);
        expect(returned!.instruction).toBe(disassembled(guests.machine.fetchWord(pc)!, pc));
      },
      { key: 'return' },
    );
  });
  test('of a return that no trap led to says so', () => {
    const first = storyOf(guests, ({ kind }) => kind === 'return');
    expect(first).toMatchObject({ ends: null, handler: null, changes: null });
    expect(first.returned!.instruction).not.toBe('');
  });
});

describe('numbers of traps', () => {
  test('count traps, and a return has that of the trap whose handler it ends', () => {
    for (const program of [stage2, guests]) {
      const { traps } = program.timeline;
      let count = 0;
      for (const index of indices(program)) {
        const { kind, number } = trapRow(program, index);
        if (kind === 'exception' || kind === 'psci') expect(number).toBe(++count);
        else expect(number).toBe(traps.endedBy(index) === undefined ? null : traps.number(traps.endedBy(index)!));
      }
      expect(traps.traps).toBe(count);
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(traps.length);
    }
  });
  test('stay what they are in the log of an earlier instant', () => {
    const { traps } = guests.timeline;
    const middle = traps.length >> 1;
    const before = traps.before(traps.step(middle));
    for (const index of [0, 1, middle - 1]) expect(before.number(index)).toBe(traps.number(index));
    expect(before.traps).toBe(indices(guests).filter((i) => i < middle && /exception|psci/.test(traps.kind(i))).length);
  });
  test('without returns, one that is asked for is told by its trap', () => {
    const { traps } = guests.timeline;
    const end = indices(guests).findLast((i) => traps.endedBy(i) !== undefined)!;
    const list = (returns: boolean): TrapsView => trapsView.of(guests, { first: 0, count: 1000, filter: '"', returns, find: end });
    expect(list(true)).toMatchObject({ sought: end });
    const without = list(false);
    expect(without.rows.some(({ kind }) => kind === 'return')).toBe(false);
    expect(without.total).toBe(traps.traps);
    expect(without.sought).toBe(traps.endedBy(end));
    expect(without.rows[without.found!].index).toBe(without.sought);
  });
});

test('what the console shows is of the level that sent it', () => {
  for (const program of [stage2, guests]) {
    const { timeline, machine } = program;
    const end = timeline.at;
    const { bytes, senders, from } = views.console.of(program, { from: 0, epoch: 0 });
    expect(senders.reduce((sum, run) => sum + run.bytes, 0)).toBe(bytes.length);
    expect(new Set(senders.map(({ el, vmid }) => `${el} ${vmid}`)).size).toBeGreaterThan(1);
    let offset = from;
    for (const { bytes: length, el, vmid } of senders) {
      const told = views.sender.of(program, { offset });
      expect(told).toMatchObject({ el, vmid });
      timeline.seek(told.n);
      expect({ el: machine.cpu.el, pc: told.place.address }).toEqual({ el, pc: `0x${machine.cpu.pc.toString(16)}` });
      offset += length;
      if (offset - from > 1500) break;
    }
    timeline.seek(end);
  }
}, 60_000);
