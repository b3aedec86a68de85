/** What is said of the way of an interrupt against what the machine then does, on the scenarios and in random states; and its history. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CpuEvent } from '../../emulator/cpu/events.ts';
import { interruptsView } from '../../emulator/explain/interrupts.ts';
import type { Subject } from '../../emulator/explain/subject.ts';
import type { InterruptId, InterruptsView } from '../../emulator/explain/interrupt-views.ts';
import { trapStory } from '../../emulator/explain/trap-story.ts';
import { assembleProgram, elfOf, openProgram, plain, type Program } from '../../emulator/index.ts';
import { ppi, ppiIntid } from '../../emulator/machine/board-row.ts';
import type { Machine } from '../../emulator/machine/machine.ts';
import { Random } from '../hostile/damage.ts';
import { stand, subjectOf } from './subjects.ts';

const open = (name: string): Program =>
  openProgram(`${name}.elf`, readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));
const run = (name: string): Program => {
  const program = open(name);
  while (program.timeline.forward(1e9) === 'budget');
  return program;
};

/** What the machine takes in the next step, as the way of an interrupt would have it: the chosen one, physical or by which list register. */
function takenNext({ timeline, machine }: Subject): string {
  const events: CpuEvent[] = [];
  const stop = machine.onEvent.on((event) => events.push(event));
  timeline.forward(1);
  stop();
  const event = events.find((one) => one.kind === 'exception' && /IRQ|FIQ|SError/.test(one.type));
  return event?.kind === 'exception' ? `${event.type} ${event.intid} ${event.listRegister}` : 'none';
}
/** The same as the views say it, of every interrupt that there is. */
function saidNext(program: Subject, ids: readonly InterruptId[]): { said: string; views: InterruptsView[] } {
  const views = ids.map((id) => interruptsView(program, { id }));
  const said = views.flatMap(({ chosen, physical, virtual }) => [
    ...(physical?.verdict === 'taken' ? [`${physical.kind} ${chosen.id} null`] : []),
    ...(virtual?.verdict === 'taken'
      ? [
          typeof chosen.id === 'number'
            ? `${virtual.kind} ${vintid(virtual.listRegister, program)} ${virtual.listRegister}`
            : `${virtual.kind} null null`,
        ]
      : []),
  ]);
  return { said: said.length === 0 ? 'none' : [...new Set(said)].join(), views };
}
const vintid = (listRegister: number | null, { machine }: Subject): number | undefined =>
  machine.board.gic.virtualControl.inUse().find((one) => one.listRegister === listRegister)?.intid;

/** Exactly one field holds what is not taken. */
function expectOneHold({ physical, virtual, at }: InterruptsView): void {
  for (const way of [physical, virtual]) {
    if (!way) continue;
    expect(way.hold === null, `at ${at}`).toBe(way.verdict === 'taken');
    if (way.hold) expect(`${way.hold.text} ${way.hold.frees}`, way.hold.field).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
  }
}

describe.each(['05-interrupts', 'hypervisor'])('%s', (name) => {
  test('the interrupt that is said to be taken next is the one that the machine takes', () => {
    const program = run(name);
    const { timeline } = program;
    const { traps } = timeline;
    const interrupts = Array.from({ length: traps.length }, (_, i) => i).filter((i) => /IRQ|FIQ/.test(traps.type(i)));
    expect(interrupts.length).toBeGreaterThan(2);
    const around = interrupts.flatMap((i) => [-1, 0, 1, 9].map((by) => traps.step(i) + by));
    let taken = 0;
    for (const at of [...new Set(around)]) {
      timeline.seek(at);
      const ids = interruptsView(program).interrupts.map(({ id }) => id);
      const { said, views } = saidNext(program, ids);
      views.forEach(expectOneHold);
      const what = takenNext(program);
      expect(said, `at ${at}: ${views.map(({ sentence }) => sentence).join(' ')}`).toBe(what);
      if (what !== 'none') taken++;
    }
    expect(taken).toBe(interrupts.length);
  });
});

const intids = [1, 15, 27, 30, 33, 40];
/** The GIC, PSTATE and HCR_EL2 in a state that is likely to signal something, and likely to hold it. */
function shuffle(machine: Machine, random: Random): void {
  const { cpu, board } = machine;
  const gic = board.gic;
  const write = (window: number, offset: number, value: number): void => gic.devices[window].write(offset, 4, value >>> 0);
  const [gicd, gicc, gich, gicv] = [0, 1, 2, 3];
  for (const device of gic.devices) device.reset();
  const el = random.of([0, 1, 1, 2] as const);
  const bits = [3, 4, 5, 6, 7, 8, 27, 31].filter(() => random.chance(55));
  stand(machine, el, el === 0 ? 0 : 1, {
    HCR_EL2: bits.filter((bit) => bit !== 27 || (el === 2 && random.chance(30))).reduce((sum, bit) => sum | (1n << BigInt(bit)), 1n << 31n),
    VBAR_EL1: 0x4010_0000n,
    VBAR_EL2: 0x4020_0000n,
  });
  cpu.daif = random.chance(50) ? 0 : random.below(16);
  write(gicd, 0x000, random.of([1, 3, 3, random.below(4)]));
  for (const word of [0, 1])
    write(
      gicd,
      0x100 + 4 * word,
      random.chance(90) ? intids.filter((id) => id >> 5 === word).reduce((sum, id) => sum | (1 << (id & 31)), 1 << 25) : 0,
    );
  for (const word of [0, 1]) write(gicd, 0x080 + 4 * word, random.below(2 ** 32));
  for (const intid of intids) {
    gic.devices[gicd].write(0x400 + intid, 1, random.of([0, 0x20, 0x80, 0xa0, 0xf0, 0xff]));
    if (random.chance(35)) write(gicd, intid < 16 ? 0xf00 : 0x200 + 4 * (intid >> 5), intid < 16 ? (2 << 24) | intid : 1 << (intid & 31));
    else if (intid >= 16 && random.chance(20)) gic.line(intid).setLevel(random.chance(50));
    if (random.chance(15)) write(gicd, 0x300 + 4 * (intid >> 5), 1 << (intid & 31));
  }
  write(gicc, 0x000, random.of([1, 3, 7, 0xb, 0xf, random.below(16)]));
  write(gicc, 0x004, random.of([0xff, 0xff, 0xf0, 0x80, 0]));
  if (random.chance(25)) gic.devices[gicc].read(0x0c, 4);
  write(gich, 0x000, random.chance(80) ? 1 : 0);
  write(gicv, 0x000, random.of([1, 3, 7, 0xb, 0xf, random.below(16)]));
  write(gicv, 0x004, random.of([0xf8, 0xf8, 0x80, 0]));
  for (let index = 0; index < 4; index++)
    if (random.chance(40))
      write(
        gich,
        0x100 + 4 * index,
        (random.below(2 ** 31) & 0x7f80_0000) | random.of([0, 1 << 31]) | (random.of(intids) << 10) | random.of(intids),
      );
  if (random.chance(20)) gic.devices[gicv].read(0x0c, 4);
  gic.update();
}

test('in 150 random states of the GIC, PSTATE and HCR_EL2 it is taken next where that is said, and one field holds it where not', () => {
  const subject = subjectOf(Array<string>(8).fill('nop'));
  const { machine, timeline } = subject;
  const start = machine.cpu.pc;
  const random = new Random(7);
  const met = new Map<string, number>();
  const ids: readonly InterruptId[] = [...intids, ppiIntid(ppi.gicMaintenance), 'VI', 'VF', 'VSE'];
  for (let round = 0; round < 150; round++) {
    machine.cpu.pc = start;
    shuffle(machine, random);
    const { said, views } = saidNext(subject, ids);
    views.forEach(expectOneHold);
    const all = views
      .flatMap(({ physical, virtual }) => [physical, virtual])
      .flatMap((way) => (way?.hold ? [way.hold.field.replace(/\d.*|\..*/, '')] : []));
    for (const field of all) met.set(field, (met.get(field) ?? 0) + 1);
    // A virtual interrupt in the line of which HCR_EL2 asks for one, too, is one of the two.
    const what = takenNext(subject);
    expect(said.split(','), `round ${round}: ${views.map(({ sentence }) => sentence).join(' ')}`).toContain(what);
    met.set(what.replace(/ .*/, ''), (met.get(what.replace(/ .*/, '')) ?? 0) + 1);
    timeline.machine.cpu.setLevel(2, 1);
  }
  const fields = [
    'GICC_CTLR',
    'GICC_HPPIR',
    'GICC_PMR',
    'GICC_RPR',
    'GICD_CTLR',
    'GICD_ISACTIVER',
    'GICD_ISENABLER',
    'GICH_HCR',
    'GICH_LR',
    'GICV_CTLR',
    'GICV_HPPIR',
    'GICV_PMR',
  ];
  expect([...met.keys()]).toEqual(expect.arrayContaining([...fields, 'HCR_EL', 'PSTATE', 'IRQ', 'FIQ', 'vIRQ', 'vFIQ', 'vSError', 'none']));
});

/** Sends itself an SGI with IRQs masked in each of the ways there are, and waits at a label. */
const masks = `
_start: adr x0, vectors
        msr vbar_el2, x0
        adr x0, guest_vectors
        msr vbar_el1, x0
        ldr x1, =0x08000000
        ldr x2, =0x08010000
        mov w0, #1
        str w0, [x1]
        str w0, [x2]
        mov w0, #0xff
        str w0, [x2, #4]
        mov w3, #2
        lsl w3, w3, #24
        orr w3, w3, #2
        mov x0, #0x10
        orr x0, x0, #0x80000000
        msr hcr_el2, x0
        str w3, [x1, #0xf00]
reset_masks: nop
        msr daifclr, #2
taken:  msr daifset, #2
        str w3, [x1, #0xf00]
        nop
set_masks: nop
        msr daifclr, #2
        mov x0, #0x80000000
        msr hcr_el2, x0
        mov x0, #0x3c5
        msr spsr_el2, x0
        adr x0, guest
        msr elr_el2, x0
        str w3, [x1, #0xf00]
        eret
guest:  nop
eret_masks: nop
        msr daifclr, #2
        msr daifset, #2
        str w3, [x1, #0xf00]
        hvc #1
hvc_leaves: nop
        b .
ack:    ldr w9, [x2, #0xc]
        str w9, [x2, #0x10]
        ret
irq:    str w3, [x1, #0xf00]
entry_masks: mov x10, x30
        bl ack
        str w3, [x1, #0xf08]
        mov x30, x10
        bl ack
        eret
        .balign 2048
vectors: .balign 0x80
        b .
        .org vectors + 0x280
        b irq
        .org vectors + 0x400
        eret
        .balign 2048
guest_vectors: b .
        .org guest_vectors + 0x280
        mov x10, x30
        bl ack
        mov x30, x10
        eret
`;
describe('what masked an interrupt', () => {
  const { program: assembled, problems } = assembleProgram(masks);
  expect(problems).toEqual([]);
  const program = openProgram('masks.elf', elfOf(assembled!, 'masks.s', masks));
  const { timeline, machine, symbols } = program;
  timeline.forward(2000);
  /** The view at the first instant at which the machine is about to execute what is at a label. */
  const at = (label: string): InterruptsView => {
    timeline.seek(0);
    const pc = symbols.all.find(({ name }) => name === label)!.address;
    while (machine.cpu.pc !== pc) timeline.forward(1);
    return interruptsView(program, { id: 2, ms: 1000 });
  };
  test.each([
    ['reset_masks', 0, /^The reset set PSTATE\.I, and nothing has cleared it\.$/],
    ['set_masks', 1, /^msr daifset, #0x2 set PSTATE\.I, in taken \(masks\.s:22\) at instant \d+\.$/],
    ['entry_masks', 1, /^The exception entry to EL2 for the IRQ set PSTATE\.I, in \S+ \(masks\.s:\d+\) at instant \d+\.$/],
    ['eret_masks', 1, /^eret, with SPSR_EL2\.I = 1, set PSTATE\.I, in .*\(masks\.s:\d+\) at instant \d+\.$/],
    ['hvc_leaves', 1, /^msr daifset, #0x2 set PSTATE\.I, in eret_masks\+0x8 \(masks\.s:\d+\) at instant \d+\.$/],
  ] as const)('at %s', (label, after, sentence) => {
    const { sentence: held, maskedBy, physical } = at(label);
    expect(physical?.hold?.field, held).toBe('PSTATE.I');
    expect(maskedBy?.sentence).toMatch(sentence);
    const { daif } = machine.cpu;
    timeline.seek(maskedBy!.at + after);
    expect(machine.cpu.daif & daif).toBe(daif);
  });
  test('is told in the story of an interrupt that had to wait for it', () => {
    const { traps } = timeline;
    const stories = Array.from({ length: traps.length }, (_, i) => i)
      .filter((i) => traps.type(i) === 'IRQ')
      .map((i) => plain(trapStory(program, i)!.sentence));
    expect(stories[0]).toMatch(/PSTATE\.I = 1 had held it up to instant \d+\. The reset set PSTATE\.I, and nothing has cleared it\./);
    expect(stories[1]).toMatch(/PSTATE\.I = 1 had held it up to instant \d+\. msr daifset, #0x2 set PSTATE\.I, in taken \(masks\.s:22\)/);
  });
});
