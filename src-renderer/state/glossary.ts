/** Seventy-two words of Arm virtualization, each in two sentences. Those that a Cortex-A53 has can be seen on the machine; the others are drawn. */

export interface Concept {
  /** C01 to C72, as lessons and scenarios name them. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** This processor does not have it: there is a drawing in place of a running example. */
  readonly drawn?: true;
}

type Row = readonly [title: string, text: string, drawn?: 'drawn'];
const rows: readonly Row[] = [
  [
    'Exception levels',
    'EL0 runs programs, EL1 a kernel, EL2 a hypervisor, EL3 a secure monitor. A higher level can do more, and decides what lower ones may do.',
  ],
  [
    'Names with _ELx',
    'The end of a register’s name is the lowest level that may access it. What memory a level may use is another matter: the page tables say it.',
  ],
  [
    'AArch64 and AArch32',
    'The two execution states, with 64-bit and 32-bit registers and instructions. HCR_EL2.RW = 1 makes EL1 AArch64; the state changes only on an exception or a return.',
  ],
  [
    'Security states',
    'With TrustZone, everything runs in the Secure or the Non-secure state, and memory belongs to one of them. SCR_EL3.NS chooses, and from Armv8.4 the Secure state may have an EL2 too.',
    'drawn',
  ],
  [
    'Synchronous and asynchronous',
    'A synchronous exception is caused by the instruction at which it is taken. An asynchronous one, an IRQ for example, comes from outside, between two instructions.',
  ],
  [
    'SVC, HVC, SMC',
    'Three instructions that call upwards: SVC the kernel at EL1, HVC the hypervisor at EL2, SMC the monitor at EL3. A hypervisor can trap SMC.',
  ],
  [
    'Aborts and undefined instructions',
    'An access to memory that fails is a data abort or, for a fetch, an instruction abort. An instruction that the level may not execute is undefined, or is trapped.',
  ],
  [
    'IRQ, FIQ, SError',
    'The three physical interrupts. IRQ and FIQ come from devices through the interrupt controller; an SError reports an access that failed late.',
  ],
  [
    'Virtual exceptions',
    'A hypervisor can make a vIRQ, vFIQ or vSError pending for its guest. The guest takes it at EL1 and cannot tell it from a physical one.',
  ],
  [
    'Taking an exception',
    'PSTATE goes to SPSR, the return address to ELR, the reason to ESR; D, A, I and F are set, the level changes, and the PC becomes VBAR plus an offset. All of it is one step.',
  ],
  [
    'Vector table',
    'Sixteen slots of 128 bytes, in four rows: from the same level on SP_EL0, on SP_ELx, from a lower level in AArch64, in AArch32. VBAR_ELx holds its address, which is a multiple of 2 KiB.',
  ],
  ['SP_EL0 and SP_ELx', 'Each level has a stack pointer. PSTATE.SP chooses between the level’s own (h, handler) and SP_EL0 (t, thread).'],
  [
    'ESR: EC, IL, ISS',
    'The exception syndrome register says why. EC is the class of the exception, IL the length of the instruction, and what ISS means depends on EC.',
  ],
  ['FAR', 'The fault address register: the virtual address of an access that failed. It holds all 64 bits of it.'],
  [
    'ERET',
    'Returns from an exception: PSTATE from SPSR, the PC from ELR, at once. A return to a state that is not possible is an illegal exception return, and the level stays.',
  ],
  ['Routing', 'Which level takes an exception. HCR_EL2.IMO, FMO and AMO send interrupts to EL2, TGE sends everything from EL0 there.'],
  [
    'Masking',
    'PSTATE.D, A, I and F hold exceptions that would be taken to the same level. Against an exception for a higher level a mask does not hold.',
  ],
  [
    'Nested exceptions',
    'An exception inside a handler of the same level overwrites ELR, SPSR and ESR. So a handler saves them before it unmasks anything.',
  ],
  [
    'Preferred return address',
    'ELR after an SVC or HVC is the next instruction; after an abort or a trapped instruction it is the instruction itself.',
  ],
  [
    'VA, IPA, PA',
    'A program uses virtual addresses. Stage 1 turns them into what a guest takes for physical, the intermediate physical addresses; stage 2 turns those into physical ones.',
  ],
  [
    'Page, block, table',
    'A descriptor is invalid, or leads to a table of the next level, or maps memory: a block at level 1 or 2, a page at level 3.',
  ],
  [
    'Multi-level lookup',
    'Some bits of the address are the index at each level: nine with pages of 4 KiB. What is left is the offset in the page.',
  ],
  [
    'Granules',
    'The size of the smallest page and of a table: 4 KiB or 64 KiB here, 16 KiB on other processors. A larger granule needs fewer levels.',
  ],
  [
    'TnSZ and the first level',
    'The input address has 64 - TnSZ bits. The fewer bits there are, the later is the level at which the walk begins.',
  ],
  [
    'TTBR0 and TTBR1',
    'Two tables for the two halves of the address space of EL1: addresses that begin with zeros use TTBR0_EL1, those with ones TTBR1_EL1.',
  ],
  ['Translation regimes', 'EL1 and EL0 share one set of tables, EL2 has another. The same address can mean different things in each.'],
  ['TCR, MAIR, SCTLR.M', 'TCR gives the sizes, MAIR the kinds of memory, TTBR the tables; SCTLR.M = 1 turns the MMU on.'],
  [
    'Memory types',
    'Normal memory may be cached and accesses reordered; Device memory may not. A descriptor chooses one of eight attributes in MAIR, and who shares the memory.',
  ],
  [
    'Permissions',
    'AP says who may read and write, UXN and PXN who may not execute. A table descriptor can take permissions away from everything below it.',
  ],
  [
    'Access flag',
    'A descriptor with AF = 0 faults on its first use, which tells the system that the page is used. A Cortex-A53 does not set it by itself.',
  ],
  [
    'ASID',
    'A number for each address space, in TTBR0_EL1. Entries of the TLB that are not global have it, so a switch of processes needs no invalidation.',
  ],
  ['VMID', 'A number for each virtual machine, in VTTBR_EL2. Every entry of a guest in the TLB has it.'],
  [
    'TLB and TLBI',
    'The TLB remembers translations, and does not hear of stores to the tables. TLBI makes it forget: one address, one ASID, one VMID, or everything.',
  ],
  [
    'Break-before-make',
    'To change a valid entry into another valid one: write an invalid one, DSB, TLBI, DSB, then write the new one. The TLB never holds both.',
  ],
  [
    'DSB and ISB',
    'A DSB waits until accesses to memory, and TLBIs, are done. An ISB makes what was written to system registers take effect for the instructions behind it.',
  ],
  [
    'MMU off',
    'With SCTLR.M = 0 the address is the physical address, and data is Device memory. Code that turns the MMU on must be mapped at its own address.',
  ],
  ['AT and PAR_EL1', 'AT walks the tables as an access would, without accessing. PAR_EL1 holds the physical page, or the fault.'],
  [
    'Kinds of faults',
    'Translation (nothing there), access flag, permission, address size, alignment, external abort. The syndrome has the kind and the level.',
  ],
  [
    'Cache maintenance',
    'DC cleans or invalidates a line of the data cache, IC the instruction cache; to the point of coherency, or of unification. Code that was written must be cleaned and invalidated before it runs.',
  ],
  [
    'Dirty state, contiguous hint',
    'Later processors mark pages that were written. The contiguous bit says that sixteen entries belong together, so that the TLB needs one entry for them.',
    'drawn',
  ],
  [
    'Type 1 and type 2',
    'A type 1 hypervisor runs on the machine itself, below all systems. A type 2 hypervisor is part of an operating system that hosts others.',
    'drawn',
  ],
  [
    'Full and paravirtualization',
    'With full virtualization a guest runs unchanged and devices are emulated. A paravirtualized guest knows that it is one, and calls the hypervisor or uses devices made for it.',
    'drawn',
  ],
  [
    'Virtual machine and vCPU',
    'A virtual machine is memory and devices; a vCPU is the state of a processor in it. What a guest can write must be saved when another one runs.',
  ],
  [
    'Stage 2',
    'The tables of the hypervisor, from IPA to PA. VTTBR_EL2 holds them, VTCR_EL2 their sizes, HCR_EL2.VM turns them on; several tables may stand side by side at the first level.',
  ],
  [
    'VMID and ASID',
    'Entries of the TLB have both: the VMID from the hypervisor, the ASID from the guest. Two guests may use the same ASID.',
  ],
  [
    'Both stages together',
    'An access must be allowed by both stages, and the memory type is the stricter of the two. HCR_EL2.DC, CD and ID change this.',
  ],
  [
    'Emulated devices',
    'Where stage 2 maps nothing, an access traps to EL2. The hypervisor does what a device would do, and skips the instruction.',
  ],
  [
    'Syndrome of an access',
    'For a plain load or store ESR_EL2 gives size, register and direction (ISV = 1). For pairs and for writeback ISV is 0, and the hypervisor has to read the instruction.',
  ],
  [
    'HPFAR_EL2',
    'The page of the IPA that stage 2 refused, from bit 4 on. S1PTW in the syndrome says that the access was one to a table of stage 1.',
  ],
  [
    'Trapped instructions',
    'Bits of HCR_EL2 (TWI, TID3, TVM, TSC), CPTR_EL2, HSTR_EL2, MDCR_EL2 and CNTHCTL_EL2 make instructions of a guest trap to EL2.',
  ],
  [
    'VPIDR and VMPIDR',
    'What EL1 reads as MIDR_EL1 and MPIDR_EL1. So a guest can be told that it runs on another processor, or on number 0.',
  ],
  [
    'Hypercalls',
    'HVC with a function in x0 and arguments behind it, by the SMC Calling Convention. The result comes back in x0; -1 is not supported.',
  ],
  ['HCR_EL2.VI, VF, VSE', 'Three bits that make a virtual IRQ, FIQ or SError pending for the guest.'],
  [
    'List registers',
    'GICH_LRn: an interrupt for the guest, with number, priority and state. The guest acknowledges and ends it without the hypervisor.',
  ],
  [
    'Forwarding an interrupt',
    'A physical IRQ comes to EL2, which acknowledges it and writes a list register. The guest takes a virtual IRQ, handles it, and ends it.',
  ],
  [
    'Masks of virtual interrupts',
    'A guest masks virtual interrupts with its own PSTATE, without a trap. They stay pending until it clears the mask.',
  ],
  [
    'Maintenance interrupt',
    'The GIC tells the hypervisor that list registers are free or something ended. With the hardware bit the guest’s end of interrupt ends the physical one as well.',
  ],
  [
    'CNTVOFF_EL2',
    'The virtual counter is the physical one less this offset. So a guest’s time can begin at 0, and stand still while the guest does not run.',
  ],
  ['CNTHCTL_EL2', 'Whether EL1 may use the physical counter and timer, or traps to EL2.'],
  ['Timer interrupts', 'Each timer has an interrupt of its own: on this board 26 for EL2, 27 virtual, 30 for EL1.'],
  ['WFI and scheduling', 'WFI waits for an interrupt. HCR_EL2.TWI makes a guest’s WFI trap, so that another guest gets the processor.'],
  [
    'VHE',
    'From Armv8.1 a host’s kernel can run at EL2: HCR_EL2.E2H makes EL1’s register names mean EL2’s, and names with _EL12 mean EL1’s.',
    'drawn',
  ],
  [
    'Nested virtualization',
    'A guest that is a hypervisor itself: its accesses to EL2’s registers trap, or go to a page in memory, and its stage 2 is combined with the real one.',
    'drawn',
  ],
  [
    'Secure virtualization',
    'From Armv8.4 the Secure state has an EL2 too, which keeps trusted systems apart as the other EL2 does with guests.',
    'drawn',
  ],
  [
    'Cost of virtualization',
    'Two stages need up to 24 reads for one address, and a world switch exchanges dozens of registers. Therefore TLBs, large blocks and fewer exits matter.',
    'drawn',
  ],
  [
    'SMMU',
    'An MMU for devices: it finds tables by the stream of an access, so that a device that was given to a guest can reach only that guest’s memory.',
    'drawn',
  ],
  [
    'PSCI',
    'Calls to the firmware to start and stop processors and the machine, by SMC or HVC. Without EL2 of one’s own the device tree says which.',
  ],
  [
    'A guest’s memory map',
    'What a guest finds at which IPA: its RAM, the devices it was given, those that are emulated. A device tree tells it.',
  ],
  [
    'Memory on demand',
    'Stage 2 maps a page only when it is touched, and the access is repeated. Taking away the permission to write shows which pages are changed.',
  ],
  ['Isolation', 'Each guest has its own stage 2 and VMID. There is no address with which one could reach the memory of another.'],
  [
    'World switch',
    'From one guest to another: general registers, EL1’s system registers, timers and floating point are saved and loaded, and VTTBR_EL2 is changed.',
  ],
  [
    'Starting at EL2',
    'A processor begins at its highest level, and with a loader’s rules: CurrentEL says where, x0 where the device tree is, and other processors wait.',
  ],
];

export const glossary: readonly Concept[] = rows.map(([title, text, drawn], i) => ({
  id: `C${String(i + 1).padStart(2, '0')}`,
  title,
  text,
  ...(drawn && { drawn: true }),
}));

export const conceptTitle = (id: string): string => glossary.find((one) => one.id === id)?.title ?? id;
