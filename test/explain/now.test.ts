/** What the first sentence says of a machine that waits, or that was switched off. */
import { expect, test } from 'vitest';
import { nowView } from '../../emulator/explain/now.ts';
import { plain } from '../../emulator/explain/words.ts';
import { stand, subjectOf } from './subjects.ts';

/** The address of the distributor in x9; bits of GICD_ISENABLER0 and 1. */
const gic = (ppis: number, spis = 0): string[] => [
  'movz x9, #0x800, lsl #16',
  `movz w8, #${ppis >>> 16}, lsl #16`,
  'str w8, [x9, #0x100]',
  `mov w8, #${spis}`,
  'str w8, [x9, #0x104]',
  'mov w8, #1',
  'str w8, [x9]',
];
/** GICC_CTLR.EnableGrp0 and GICC_PMR. */
const cpuInterface = (pmr: number): string[] => [
  'movz x9, #0x801, lsl #16',
  'mov w8, #1',
  'str w8, [x9]',
  `mov w8, #${pmr}`,
  'str w8, [x9, #4]',
];
const armed = (timer: string): string[] => ['mov x0, #1000', `msr ${timer}_tval_el0, x0`, 'mov x0, #1', `msr ${timer}_ctl_el0, x0`];

test.each([
  [
    'nothing is armed',
    [],
    /^The hypervisor is waiting for an interrupt \(wfi\)\. Nothing can wake it: no timer is armed with its interrupt enabled at the GIC/,
  ],
  [
    'only input is enabled',
    [...gic(0, 2), ...cpuInterface(0xf0)],
    /Only input can wake it \(the UART, INTID 33 \(SPI 1\)\): type something in the console\. PSTATE\.I = 1 masks/,
  ],
  [
    'a timer is armed',
    [...gic(1 << 27), ...cpuInterface(0xf0), ...armed('cntv')],
    /What wakes it: the virtual timer, INTID 27 \(PPI 11\), due in 1[56]\s\d{3} nanoseconds\./,
  ],
  [
    'GICC_PMR withholds the timer',
    [...gic(1 << 27), ...cpuInterface(0), ...armed('cntv')],
    /The virtual timer, INTID 27 \(PPI 11\), is armed but held by GICC_PMR = 0x0: priority 0x0 is not above it\./,
  ],
  [
    'the CPU interface withholds the timer',
    [...gic(1 << 27), ...armed('cntv')],
    /is armed but held by GICC_CTLR\.EnableGrp0 = 0: interrupts of group 0 are not signalled\./,
  ],
  [
    'the GIC withholds the timer',
    armed('cntp'),
    /Nothing can wake it: .* The EL1 physical timer, INTID 30 \(PPI 14\), is armed but not enabled at the GIC \(GICD_ISENABLER0\)\./,
  ],
])('in WFI, when %s', (_name, lines, expected) => {
  const subject = subjectOf([...lines, 'wfi', 'b .']);
  subject.timeline.forward(lines.length + 1);
  expect(subject.machine.cpu.waiting).toBe(true);
  expect(plain(nowView(subject).sentence)).toMatch(expected);
});

test('who switched the machine off is named', () => {
  const subject = subjectOf(['movz w0, #0x8400, lsl #16', 'movk w0, #8', 'smc #0']);
  subject.timeline.forward(5);
  expect(plain(nowView(subject).sentence)).toBe('The machine has stopped: the hypervisor switched the machine off (PSCI SYSTEM_OFF).');
});

test('stage 2, VMID and ASID are those in force', () => {
  const subject = subjectOf(['nop']);
  const ids = { VTTBR_EL2: 5n << 48n, TTBR0_EL1: 0x1234n << 48n, SCTLR_EL1: 1n };
  stand(subject.machine, 1, 1, { ...ids, HCR_EL2: 1n << 31n });
  expect(nowView(subject)).toMatchObject({ vmid: null, asid: 0x34 });
  stand(subject.machine, 1, 1, { HCR_EL2: (1n << 31n) | (1n << 12n), TCR_EL1: 1n << 36n });
  expect(nowView(subject)).toMatchObject({ vmid: 5, asid: null });
});
