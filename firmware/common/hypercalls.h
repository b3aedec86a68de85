// The calls a guest can make with HVC #0: function id in x0, arguments in x1.., result in x0 (SMC Calling Convention,
// Arm DEN 0028: 0x80000000 = fast call, 0x40000000 = 64-bit, owner 6 in bits 29..24 = the hypervisor's vendor).
#pragma once

#define SMCCC_VERSION 0x80000000
#define HV_VERSION 0xc6000000 // -> version of this hypervisor, major in bits 31..16
#define HV_PUTC 0xc6000001    // x1: a character
#define HV_PUTS 0xc6000002    // x1: VA of a string that ends with 0 -> 0, or -1 where the guest has not mapped it
#define HV_EXIT 0xc6000003    // the guest has finished; does not return
#define HV_TICK_VI 0xc6000004   // x1: counter ticks from now; a virtual IRQ without a number (HCR_EL2.VI)
#define HV_TICK_SEEN 0xc6000005 // takes that one back
#define HV_TICK_LR 0xc6000006   // x1: the same as virtual interrupt 26 (list register)
#define HV_LOG_WRITES 0xc6000007 // x1: IPA of a page to watch for writes -> 0, or -1 where there is none
#define HV_WRITTEN 0xc6000008    // x1: IPA of that page -> 1 if the guest has written to it since, 0 if not
#define HV_MOVE_PAGE 0xc6000009  // x1: IPA of a page, which gets other physical memory with the same content -> 0 or -1

#define NOT_SUPPORTED (-1l) // x0 after a call with an unknown id

// Power State Coordination Interface (Arm DEN 0022), called by SMC.
#define PSCI_VERSION 0x84000000
#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
