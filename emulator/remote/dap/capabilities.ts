/** What the adapter tells an editor that it can do. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { ExceptionType } from '../../cpu/index.ts';

/** Exceptions to stop at, by the name that an editor shows. */
export const filters: Readonly<Record<string, { readonly label: string; readonly types: readonly ExceptionType[] | undefined }>> = {
  hvc: { label: 'HVC', types: ['HVC'] },
  smc: { label: 'SMC', types: ['SMC'] },
  'data-abort': { label: 'Data abort', types: ['DataAbort'] },
  'instruction-abort': { label: 'Instruction abort', types: ['InstructionAbort'] },
  irq: { label: 'IRQ', types: ['IRQ', 'vIRQ'] },
  any: { label: 'Any exception', types: undefined },
};
/** ERET is no exception: it is a change of level. */
export const ERET = 'eret';

export const capabilities: Dap.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsSetVariable: true,
  supportsRestartRequest: true,
  supportsSteppingGranularity: true,
  supportsDisassembleRequest: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
  supportsInstructionBreakpoints: true,
  supportsDataBreakpoints: true,
  exceptionBreakpointFilters: [
    ...Object.entries(filters).map(([filter, { label }]) => ({ filter, label })),
    { filter: ERET, label: 'ERET (change of level)' },
  ],
};
