/** What each case prints and how it ends on a Cortex-A53, as the first line of its program says why. */
import type { Ending } from './case.ts';

export interface Outcome {
  readonly name: string;
  readonly flags: readonly string[];
  readonly ends: Ending;
  /** All white space is one blank. */
  readonly prints: string;
  /** Why QEMU 7.2 prints something else. */
  readonly departs?: string;
}

export const outcomes: readonly Outcome[] = [
  { name: '01-t0sz-zero', flags: [], ends: 'loop', prints: 'EL2 here EL1 here' },
  { name: '01-t0sz-zero', flags: ['-DT=25'], ends: 'loop', prints: 'EL2 here EL1 here' },
  { name: '03-el0-writable-code', flags: [], ends: 'loop', prints: 'EL1: turning the MMU on' },
  {
    name: '04-ips-zero',
    flags: [],
    ends: 'off',
    prints:
      'MMU on at EL2 TRAP at EL2 vector=0x200 ESR_EL2=0x96000001 ELR_EL2=0x40082a9c SPSR_EL2=0x600003c9 FAR_EL2=0x4010000000 HPFAR_EL2=0x0',
    departs: "QEMU gives ISV, SAS and SRT for EL2's own abort, which the architecture has for stage 2 only",
  },
  { name: '04-ips-zero', flags: ['-DPS=2'], ends: 'off', prints: 'MMU on at EL2 PCI 0:0.0 id=0x81b36' },
  {
    name: '05-block-misaligned',
    flags: [],
    ends: 'off',
    prints:
      'wanted: VA 0x80000000+x -> PA 0x44060000+x VA 0x80000000 reads PA=0x44000000 VA 0x80010000 reads PA=0x44010000 VA 0x801f0000 reads PA=0x441f0000 VA 0x80200000 reads PA=0x44200000',
  },
  { name: '07-contiguous', flags: [], ends: 'off', prints: 'page=0x0 page=0x1 page=0x2 page=0x3 page=0x4 write to page 1 done' },
  { name: '07-contiguous', flags: ['-DALT'], ends: 'off', prints: 'page=0x0 page=0x1 page=0x2 page=0x28 page=0x4 write to page 1 done' },
  {
    name: '08-tlbi-by-pa',
    flags: ['-DWAY=0'],
    ends: 'off',
    prints: 'before=0xaaaa after =0xaaaa',
    departs: 'QEMU drops more than TLBI names',
  },
  { name: '08-tlbi-by-pa', flags: ['-DWAY=1'], ends: 'off', prints: 'before=0xaaaa after =0xaaaa' },
  {
    name: '08-tlbi-by-pa',
    flags: ['-DWAY=2'],
    ends: 'off',
    prints: 'before=0xaaaa after =0xaaaa',
    departs: 'QEMU drops more than TLBI names',
  },
  { name: '08-tlbi-by-pa', flags: ['-DWAY=3'], ends: 'off', prints: 'before=0xaaaa after =0xbbbb' },
  {
    name: '09-vmid16',
    flags: [],
    ends: 'off',
    prints: 'VMIDBits=0x0 guest A sees=0xaaaa VTTBR_EL2 reads back=0x105000040090000 guest B sees=0xaaaa',
    departs: 'QEMU drops its TLB when VTTBR_EL2 changes; Cortex-A53 has 8 bits of VMID, so that both guests share one',
  },
  { name: '10-concatenated', flags: [], ends: 'off', prints: 's2=0x4008e000 guest runs IPA 0x8044000000=0x1234' },
  {
    name: '10-concatenated',
    flags: ['-DMISALIGN'],
    ends: 'off',
    prints:
      's2=0x4008f000 TRAP at EL2 vector=0x400 ESR_EL2=0x82000005 ELR_EL2=0x40082aac SPSR_EL2=0x3c5 FAR_EL2=0x40082aac HPFAR_EL2=0x400820',
  },
  {
    name: '11-level0-block',
    flags: [],
    ends: 'loop',
    prints: 'EL2: turning the MMU on with one 512 GiB block',
    departs: 'QEMU accepts block descriptors at level 0',
  },
  { name: '12-uart-normal', flags: [], ends: 'off', prints: 'MMU on: does the UART still speak?' },
  {
    name: '13-s2-exec-only',
    flags: [],
    ends: 'off',
    prints: 'at EL2, ESR=0x5a000003 ELR=0x80083010 FAR=0x0 HPFAR=0x0 at EL2, ESR=0x93c2800e ELR=0x80083014 FAR=0x80083010 HPFAR=0x800830',
  },
  {
    name: '14-cntvoff',
    flags: [],
    ends: 'off',
    prints: 'CNTFRQ=0x3b9aca0 CNTVCT=0x2152411035020502 CNTPCT=0x502 ms since boot (virtual)=0xb167a4c84 CNTV_CTL=0x5',
  },
  {
    name: '15-cval32',
    flags: [],
    ends: 'off',
    prints:
      'irq=0x1b cntvct=0x103b9b233 cval=0x3baa646 irq=0x1b cntvct=0x103b9b268 cval=0x3baa67a irq=0x1b cntvct=0x103b9b29e cval=0x3baa6b0 irq=0x1b cntvct=0x103b9b2d4 cval=0x3baa6e5 irqs=0x7d0',
  },
  {
    name: '16-gic-prio-mask',
    flags: [],
    ends: 'off',
    prints: 'PMR=0xf0 priority reads back=0xf0 CNTV_CTL=0x5 GICD_ISPENDR0=0x8000000 GICC_HPPIR=0x3ff ISR_EL1=0x0 no interrupt',
  },
  { name: '18-pl011-tx-irq', flags: [], ends: 'off', prints: 'irqs=0x0 RIS=0x20 MIS=0x20 sent=0x0' },
  { name: '18-pl011-tx-irq', flags: ['-DKICK'], ends: 'off', prints: 'heirqs=0x1 RIS=0x20 MIS=0x20 sent=0x2' },
  {
    name: '20-step-oslock',
    flags: [],
    ends: 'off',
    prints:
      'OSLSR_EL1=0xa EL2: ESR=0xcb000022 ELR=0x400829d8 x9=0x0 EL2: ESR=0xcb000022 ELR=0x400829dc x9=0x0 EL2: ESR=0xcb000022 ELR=0x400829e0 x9=0x1 EL2: ESR=0xcb000022 ELR=0x400829e4 x9=0x2 EL2: ESR=0xcb000022 ELR=0x400829e8 x9=0x3 EL2: ESR=0xcb000022 ELR=0x400829ec x9=0x4 EL2: ESR=0x5a000009 ELR=0x400829f0 x9=0x4 steps=0x7',
  },
  {
    name: '21-watch-bas',
    flags: [],
    ends: 'off',
    prints:
      'DBGWVR0=0x4008d004 DBGWCR0=0x37 byte 5 written EL2: ESR=0xd2000062 ELR=0x40082a38 FAR=0x4008d004 byte 4 written byte 0 written',
  },
  { name: '22-bss-stack', flags: [], ends: 'loop', prints: 'clearing .bss' },
  {
    name: '23-dczva',
    flags: [],
    ends: 'off',
    prints:
      'DCZID_EL0=0x4 TRAP at EL2 vector=0x200 ESR_EL2=0x96000061 ELR_EL2=0x40082ad4 SPSR_EL2=0x600003c9 FAR_EL2=0x4008d000 HPFAR_EL2=0x0',
    departs: 'DC ZVA on Device memory is an alignment fault (Arm ARM C5.3.8); QEMU does it',
  },
  {
    name: '24-semihost',
    flags: [],
    ends: 'off',
    prints:
      'exit by semihosting TRAP at EL2 vector=0x200 ESR_EL2=0x2000000 ELR_EL2=0x40082a2c SPSR_EL2=0x600003c9 FAR_EL2=0x0 HPFAR_EL2=0x0',
  },
  {
    name: '25-par-clobber',
    flags: [],
    ends: 'off',
    prints: 'PAR without a trap between=0xff00000040083b80 PAR with a trap between =0x9000b00',
    departs: 'PAR_EL1.SH of Device memory is Outer Shareable; QEMU gives the raw bits',
  },
  { name: '26-spurious', flags: [], ends: 'off', prints: 'IAR=0x3ff ELR before=0x40082e6c spurious; ELR now=0x400829d8' },
  {
    name: '27-itargets',
    flags: [],
    ends: 'off',
    prints:
      'GICD_TYPER=0x8 GICD_IIDR=0x43b ITARGETSR0=0x0 ITARGETSR8=0x0 ITARGETSR8 after write=0x0 IGROUPR0=0x0 IGROUPR0 after write=0xffffffff GICC_IIDR=0x2043b GICC_BPR=0x0 GICC_CTLR=0x1 GICC_CTLR=0x21f ICPIDR2=0x2b ICFGR0=0xaaaaaaaa ICFGR1=0x0 ICFGR2=0xaaaaaaaa',
  },
  { name: '28-ttbr-tlbi-order', flags: [], ends: 'off', prints: 'process A=0xaaaa process B=0xaaaa' },
  {
    name: '30-cnthctl',
    flags: [],
    ends: 'off',
    prints: 'CNTVCT=0x501 TRAP at EL2 vector=0x400 ESR_EL2=0x6232f821 ELR_EL2=0x40082ac4 SPSR_EL2=0x600003c5 FAR_EL2=0x0 HPFAR_EL2=0x0',
  },
  {
    name: '33-eoimode',
    flags: [],
    ends: 'off',
    prints: 'interrupts=0x1 GICD_ISACTIVER0=0x8000000 GICD_ISPENDR0=0x8000000 GICC_RPR=0xff CNTV_CTL=0x5',
  },
  {
    name: '33-eoimode',
    flags: ['-DDIR=1'],
    ends: 'off',
    prints: 'interrupts=0x5 GICD_ISACTIVER0=0x0 GICD_ISPENDR0=0x0 GICC_RPR=0xff CNTV_CTL=0x1',
  },
  {
    name: '36-el0-ops',
    flags: [],
    ends: 'off',
    prints:
      'ESR_EL1=0x6232c021 ESR_EL1=0x6212dc08 ESR_EL1=0x6212dc16 ESR_EL1=0x6212dc0a ESR_EL1=0x6212dc1c ESR_EL1=0x620cd3e4 ESR_EL1=0x6232d065 ESR_EL1=0x6234f881 ESR_EL1=0x2000000 ESR_EL1=0x2000000 ESR_EL1=0x56000007 dczid as EL0 saw it=0x14',
    departs: 'QEMU swaps Op1 and Op2 in the syndrome of MSR DAIFSet',
  },
  {
    name: '37-pl011-order',
    flags: [],
    ends: 'off',
    prints:
      'reset CR=0x300 FR=0x90 LCR_H=0x0 IFLS=0x12 sent with CR = 0 LCR_H before divisor, divisor 0 sent with TXE = 0 CR=0x201 IBRD=0x0 PeriphID=0x11',
  },
  { name: '40-selfmod', flags: [], ends: 'off', prints: 'first=0x1 second=0x2 third=0x3' },
  {
    name: '43-asid8',
    flags: [],
    ends: 'off',
    prints: 'process 0x005=0xaaaa process 0x105=0xaaaa',
    departs: "QEMU drops its TLB when a TTBR's ASID changes; with TCR_EL1.AS = 0 both are ASID 5",
  },
  {
    name: '44-exclusive-eret',
    flags: [],
    ends: 'off',
    prints:
      'plain =0x0 hvc between =0x1 clrex =0x1 own store =0x0 elsewhere =0x1 other size =0x1 TRAP el=0x1 ESR=0x96000021 FAR=0x4008d001',
    departs: "a store exclusive of another size than the load's is CONSTRAINED UNPREDICTABLE (Arm ARM B2.9.5): it fails here, QEMU does it",
  },
  {
    name: '45-tbi-far',
    flags: [],
    ends: 'off',
    prints:
      'tagged read=0x77 pc through a tagged pointer=0x400829d4 trap at EL=0x1 ESR=0x96000005 FAR=0x5a00000080000000 trap at EL=0x1 ESR=0x96000004 FAR=0x5a00000040083000',
  },
  {
    name: '47-uxn-kernel-el0',
    flags: [],
    ends: 'off',
    prints: 'vector=0x400 ESR=0x56000001 FAR=0x0 vector=0x400 ESR=0x9200000d FAR=0x400829dc',
  },
  { name: '51-wfe', flags: [], ends: 'off', prints: 'before after sevl; wfe after a second wfe' },
  {
    name: '19-mpidr-psci',
    flags: [],
    ends: 'off',
    prints:
      'MPIDR=0x80000000 VERSION=0x10001 FEATURES(CPU_ON)=0x0 FEATURES(SYSTEM_RESET2)=0xffffffffffffffff CPU_ON 64 self, affinity=0xfffffffffffffffc CPU_ON 64 self, whole MPIDR=0xfffffffffffffffe CPU_ON 64 cpu 1=0xfffffffffffffffe CPU_ON 32 self=0xfffffffffffffffc AFFINITY_INFO self=0x0 AFFINITY_INFO 1=0xfffffffffffffffe MIGRATE_INFO_TYPE=0x2 unknown 0x8400abcd=0xffffffffffffffff SMCCC_VERSION=0xffffffffffffffff',
  },
  {
    name: '19n-psci',
    flags: ['-DWHAT=2'],
    ends: 'cpu-off',
    prints:
      'data=0x5 CPU_ON entry odd=0xfffffffffffffffe CPU_ON 32-bit id, high garbage in x1=0xfffffffffffffffe AFFINITY_INFO whole MPIDR=0xfffffffffffffffe AFFINITY_INFO level 1=0x0 AFFINITY_INFO level 3 of cpu 7=0x0 x0 with garbage above=0xffffffffffffffff 64-bit PSCI_VERSION=0xffffffffffffffff',
  },
  {
    name: '19n-psci',
    flags: ['-DWHAT=3'],
    ends: 'off',
    prints:
      'data=0x5 CPU_ON entry odd=0xfffffffffffffffe CPU_ON 32-bit id, high garbage in x1=0xfffffffffffffffe AFFINITY_INFO whole MPIDR=0xfffffffffffffffe AFFINITY_INFO level 1=0x0 AFFINITY_INFO level 3 of cpu 7=0x0 x0 with garbage above=0xffffffffffffffff 64-bit PSCI_VERSION=0xffffffffffffffff TRAP at EL2 vector=0x200 ESR_EL2=0x5a000000 ELR_EL2=0x40082bf4 SPSR_EL2=0x600003c9 FAR_EL2=0x0 HPFAR_EL2=0x0',
  },
  {
    name: '19n-psci',
    flags: ['-DWHAT=4'],
    ends: 'off',
    prints:
      'data=0x5 CPU_ON entry odd=0xfffffffffffffffe CPU_ON 32-bit id, high garbage in x1=0xfffffffffffffffe AFFINITY_INFO whole MPIDR=0xfffffffffffffffe AFFINITY_INFO level 1=0x0 AFFINITY_INFO level 3 of cpu 7=0x0 x0 with garbage above=0xffffffffffffffff 64-bit PSCI_VERSION=0xffffffffffffffff after',
  },
  {
    name: '29-pmu',
    flags: [],
    ends: 'off',
    prints:
      'PMCR=0x41033000 MDCR_EL2=0x6 E only =0x0 CNTENSET only =0x0 both, filter 0 (EL2 not counted)=0x0 both, NSH=0xbbd divide by 64=0x2f INST_RETIRED=0xbbd PMCEID0=0x20101',
  },
  {
    name: '48-big-endian',
    flags: [],
    ends: 'off',
    prints: 'word read with EE=1=0x44332211 0x55 stored with EE=1 reads back=0x5500000000000000',
  },
  {
    name: '48-big-endian',
    flags: ['-DMMU'],
    ends: 'loop',
    prints: 'word read with EE=1=0x44332211 0x55 stored with EE=1 reads back=0x5500000000000000',
  },
];
