/** Each prebuilt image does in real QEMU what its scenario says, and ends by switching the machine off. */
import { expect, test } from 'vitest';
import { runQemu, traceQemu, type InputStep, type QemuEvent } from './qemu.ts';
import { ids, prebuilt } from './tools.ts';

/** Lines that must appear, in this order; others may stand between them. */
const keyLines: Record<string, readonly string[]> = {
  '01-el2-to-el1': [
    '[EL2] CurrentEL = EL2; next: enter_el1, six steps',
    '[EL1] guest_main: CurrentEL = EL1',
    '[EL1] HVC: hypervisor version 0x00010000',
    '[EL1] HVC: an id that nobody knows returns 0xffffffffffffffff',
    '[EL2] the guest has finished; PSCI SYSTEM_OFF',
  ],
  '02-hypercalls': [
    '[EL1] SMCCC version 0x10001',
    '[EL1] one call for each character',
    "[EL1] one call for the whole line: EL2 reads it from the guest's memory",
    '[EL2] HVC #7: the immediate arrives in ESR_EL2.ISS',
    '[EL1] SMC: PSCI version 0x10000',
    '[EL1] MRS ID_AA64PFR0_EL1: 0x22, ID_AA64MMFR0_EL1: 0x1122',
    '[EL2] the guest asked PSCI to switch off: so does the hypervisor',
  ],
  '03-mmu': [
    '[EL1] data, through TTBR1_EL1: VA 0xffffff8000000000 -> PA 0x0041040000',
    '[EL1] nothing there: VA 0xffffff8000001000 -> fault, FST 0x07',
    '[EL1] one page, two addresses: 0xcafe and 0xcafe',
    '[EL1] write to code (permission fault): ESR_EL1 0x9600004f',
    '[EL1] read of nothing (translation fault): ESR_EL1 0x96000007',
    '[EL1] read between the two halves (translation fault, level 0): ESR_EL1 0x96000004',
    '[EL1] read of a page with AF = 0 (access flag fault): ESR_EL1 0x9600000b',
    '[EL1] AF = 1: 0xcafe',
    '[EL2] the guest has finished; PSCI SYSTEM_OFF',
  ],
  '04-stage2': [
    '[EL2] IPA 0x0080000000 -> PA 0x0041000000, 512 KiB',
    '(permission fault, level 3); the guest gets an external abort',
    '[EL2] page on demand: IPA 0x0080200000 -> PA 0x0043000000',
    '[EL2] page on demand: IPA 0x0080202000 -> PA 0x0043002000',
    '[EL1] three pages written; the second holds 0x80201000',
    '[EL1] a read: 1; written since: 0',
    '[EL2] first write to IPA 0x0080040000 since it is watched',
    '[EL1] a write: 2; written since: 1',
    '[EL2] moved: IPA 0x0080040000, PA 0x0041040000 -> 0x0043003000',
    '[EL1] still 2',
    '(emulated) [EL1] a trap for each access',
    '[EL1] LDRB: 0x90',
    '[EL2] refused: read of IPA 0x001c090000 (translation fault, level 2); the guest gets an external abort',
    '[EL1] LDP: ESR_EL1 0x96000010',
    '[EL2] the guest has finished; PSCI SYSTEM_OFF',
  ],
  '05-interrupts': [
    '[EL2] timer: HCR_EL2.VI = 1, a virtual IRQ without a number',
    '[EL1] virtual IRQ by HCR_EL2.VI taken; GICC_IAR had no number for it',
    '[EL2] timer: list register, virtual interrupt 26',
    '[EL2] maintenance: the guest has ended virtual interrupt 26',
    '[EL1] virtual interrupt 26 by list register taken',
    '[EL1] own timer: interrupt 27 taken',
    '[EL1] masked: pending in ISR_EL1, 0 taken',
    '[EL1] unmasked: 1 taken',
    '[EL1] CNTVCT_EL0 and (trapped) CNTPCT_EL0 tell the same time',
    '[EL2] the guest has finished; PSCI SYSTEM_OFF',
  ],
  '06-two-guests': [
    '[EL1, guest 1] read of 0x42000000: ESR_EL1 0x96000010',
    '[EL2] world switch: VMID 1 -> VMID 2',
    '[EL1, guest 2] read of 0x41000000: ESR_EL1 0x96000010',
    '[EL1, guest 1] round 1: still 1111',
    '[EL1, guest 2] round 1: still 2222',
    '[EL1, guest 1] round 3: still 1111',
    '[EL2] VMID 1 has finished',
    '[EL1, guest 2] round 3: still 2222',
    '[EL2] both guests have finished; PSCI SYSTEM_OFF',
  ],
  '07-user-mode': [
    '[EL0] SVC: the kernel prints this',
    '[EL1] EL0 may not touch VA 0x80000000: permission fault, level 3',
    '[EL1] EL0 may not touch VA 0x401000: translation fault, level 3',
    '[EL1] EL0 may not execute this: undefined instruction',
    '[EL1] EL0 waits (SCTLR_EL1.nTWI = 0): so does EL1',
    '[EL2] WFI from EL1 (HCR_EL2.TWI): nobody else wants the core, so back to it',
    '[EL1] EL0 wants floating point: CPACR_EL1.FPEN = 3',
    '[EL2] first use of floating point by this guest: CPTR_EL2.TFP = 0',
    '[EL0] it works',
    '[EL0] and again, without a trap',
    "[EL1] back at EL1, the program's code is 42",
    '[EL2] the guest has finished; PSCI SYSTEM_OFF',
  ],
  hypervisor: [
    '[EL2] stage 2 for VMID 1: guest memory IPA 0x0080000000 -> PA 0x0041000000',
    '[EL1] guest_main: CurrentEL = EL1, this line goes straight to the PL011',
    '[EL1] HVC: this line was printed by EL2, from a string in guest memory',
    '[EL1] SMC: PSCI version 0x00010000, answered by EL2 (HCR_EL2.TSC)',
    '[EL1] MRS: ID_AA64PFR0_EL1 = 0x0000000000000022, without EL2 (HCR_EL2.TID3)',
    '[EL1] written through the window: 0x1234, read back at the other address: 0x1234',
    '[EL1] a page that nobody had mapped holds 42 now',
    '(emulated) [EL1] each character of this line was a trap',
    '[EL0] user_main: nothing here is allowed but asking (SVC)',
    '[EL1] the EL0 program has exited with 7',
    '[EL1] virtual interrupt 26 taken',
    'guest> help',
    'guest> hvc',
    'HVC 0xc6000000 returned 0x10000',
    'guest> poke 80040000 5',
    '0x0000000080040000: 0x00000005 written',
    'guest> peek ffffff8000000000',
    '0xffffff8000000000: 0x00000005',
    'guest> peek 12345678',
    '0x0000000012345678: data abort, ESR_EL1 0x96000006',
    'guest> fault',
    '[EL2] refused: read of IPA 0x0040080000 (translation fault, level 1); the guest gets an external abort',
    'guest> tick',
    'tick: 2 so far',
    'press a key: awake again',
    'guest> off',
    '[EL2] the guest asked PSCI to switch off: so does the hypervisor',
  ],
};

/** What is typed at hypervisor.elf's shell. */
const session: InputStep[] = [
  ...['help', 'hvc', 'poke 80040000 5', 'peek ffffff8000000000', 'peek 12345678', 'fault', 'tick', 'wfi'].map((line) => ({
    after: 'guest> ',
    send: `${line}\r`,
  })),
  { after: 'press a key: ', send: '\r' },
  { after: 'guest> ', send: 'off\r' },
];

function expectInOrder(text: string, lines: readonly string[]): void {
  let at = 0;
  for (const line of lines) {
    const found = text.indexOf(line, at);
    expect(found, `"${line}" after:\n${text.slice(0, at)}\n--- is not in:\n${text.slice(at)}`).toBeGreaterThanOrEqual(0);
    at = found + line.length;
  }
}

test.each(ids)('%s runs to its end', async (id) => {
  const lines = keyLines[id];
  if (!lines) throw new Error(`no key lines for ${id}`);
  const run = await runQemu({ image: prebuilt(id), ...(id === 'hypervisor' ? { input: session } : {}) });
  expectInOrder(run.text, lines);
  expect(run).toMatchObject({ ended: 'exit', code: 0 });
});

test('hypervisor.elf without input idles in its shell', async () => {
  const run = await runQemu({ image: prebuilt('hypervisor'), timeout: 1500 });
  expect(run.ended).toBe('timeout');
  expect(run.text).toMatch(/guest> $/);
});

test('hypervisor.elf reports what it has no answer for, and stops', async () => {
  const run = await runQemu({ image: prebuilt('hypervisor'), input: [{ after: 'guest> ', send: 'crash\r' }] });
  expect(run.ended).toBe('exit');
  expectInOrder(run.text, [
    '[EL2] synchronous exception from the guest, vector slot 8',
    'EC 0x18: MSR, MRS or system instruction; ISS 0x32f8',
    '[EL2] nothing handles this: stopping',
  ]);
});

test('started at EL1, the firmware says that it needs EL2', async () => {
  const run = await runQemu({ image: prebuilt('01-el2-to-el1'), machine: 'virtualization=off', until: '\n' });
  expect(run.text).toBe('This is a hypervisor: it must start at EL2 (QEMU: -machine virt,virtualization=on), but this is EL1\n');
});

const kinds = (events: readonly QemuEvent[]): string[] =>
  events.map((event) => (event.kind === 'exception' ? `${event.type} ${event.from}->${event.to}` : `${event.kind} ${event.from}`));

test('the exceptions of 01-el2-to-el1 are three HVCs', async () => {
  const { events } = await traceQemu({ image: prebuilt('01-el2-to-el1') });
  expect(kinds(events)).toEqual(['return 2', 'HVC 1->2', 'return 2', 'HVC 1->2', 'return 2', 'HVC 1->2', 'psci 2']);
  expect(events[1]).toMatchObject({ ec: 0x16, il: 1, iss: 0, esr: 0x5a000000 });
});

test('the exceptions of 07-user-mode go where the control bits send them', async () => {
  const { events } = await traceQemu({ image: prebuilt('07-user-mode') });
  const seen = kinds(events).filter((kind) => !/^return|^SVC/.test(kind));
  expect(seen).toEqual([
    'DataAbort 0->1', // permission
    'DataAbort 0->1', // translation
    'Undefined 0->1', // MRS CurrentEL
    'Trap 0->1', // WFI: SCTLR_EL1.nTWI
    'Trap 1->2', // WFI: HCR_EL2.TWI
    'FP 0->1', // floating point: CPACR_EL1.FPEN
    'FP 0->2', // floating point: CPTR_EL2.TFP
    'HVC 1->2',
    'psci 2',
  ]);
  expect(kinds(events).filter((kind) => kind === 'SVC 0->1')).not.toEqual([]);
});

test('the interrupts of 05-interrupts come to EL2 as physical and to EL1 as virtual ones', async () => {
  const { events } = await traceQemu({ image: prebuilt('05-interrupts') });
  const seen = kinds(events).filter((kind) => /IRQ/.test(kind));
  // HCR_EL2.VI; list register and its maintenance interrupt; own timer; list register again.
  expect(seen).toEqual([
    'IRQ 1->2',
    'vIRQ 1->1',
    'IRQ 1->2',
    'vIRQ 1->1',
    'IRQ 1->2',
    'IRQ 1->2',
    'vIRQ 1->1',
    'IRQ 1->2',
    'vIRQ 1->1',
    'IRQ 1->2',
  ]);
});

test('two runs are the same', async () => {
  const [first, second] = await Promise.all([traceQemu({ image: prebuilt('04-stage2') }), traceQemu({ image: prebuilt('04-stage2') })]);
  expect(first.events).toEqual(second.events);
  expect(first.uart.equals(second.uart)).toBe(true);
});
