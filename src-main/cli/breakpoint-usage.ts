/** How breakpoints are written: read by emulator/session/breakpoint-text.ts. */
export const breakpointUsage = `Breakpoints:
  FUNCTION | ADDRESS                before the instruction there
  stage2-fault                      stage 2 refuses something
  write ipa ADDRESS[,BYTES]         the guest writes there (also: read, access)
  write va|pa ADDRESS[,BYTES]       anybody does
  write REGISTER                    MSR, or any change of x0 to x30
  intid N                           the interrupt is taken
  intid N pended                    it becomes pending, at the GIC or in a list register
  exception [TYPE]                  such as HVC, DataAbort, IRQ
  level [0|1|2]                     the exception level changes
  each may be followed by "if CONDITION", such as x0 == 3 && [sp + 8] != 0 or ESR_EL2.EC == 0x16,
  and by "time N" or "every N", counted from the start of the run`;
