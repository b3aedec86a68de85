/** ESR_ELx in words (Arm ARM D17.2.37). */

const classNames: Readonly<Record<number, string>> = {
  0x00: 'unknown reason: an undefined instruction, or one that is not allowed here',
  0x01: 'trapped WFI or WFE',
  0x07: 'trapped access to Advanced SIMD and floating point',
  0x0e: 'illegal execution state',
  0x15: 'SVC, a system call',
  0x16: 'HVC, a hypervisor call',
  0x17: 'trapped SMC',
  0x18: 'trapped MSR, MRS or system instruction',
  0x20: 'instruction abort from a lower level',
  0x21: 'instruction abort at the same level',
  0x22: 'misaligned PC',
  0x24: 'data abort from a lower level',
  0x25: 'data abort at the same level',
  0x26: 'misaligned SP',
  0x2f: 'SError interrupt',
  0x30: 'breakpoint from a lower level',
  0x31: 'breakpoint at the same level',
  0x32: 'software step from a lower level',
  0x33: 'software step at the same level',
  0x34: 'watchpoint from a lower level',
  0x35: 'watchpoint at the same level',
  0x3c: 'BRK, a software breakpoint',
};

/** The exception class (EC) of a syndrome in a few words. */
export const exceptionClassName = (esr: number): string => classNames[esr >>> 26] ?? 'a class that Cortex-A53 does not report';
