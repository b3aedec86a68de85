/** Names of exceptions in lists and pictures. */
const names: Readonly<Record<string, string>> = {
  DataAbort: 'Data abort',
  InstructionAbort: 'Fetch abort',
  PCAlignment: 'PC alignment',
  SPAlignment: 'SP alignment',
  IllegalState: 'Illegal state',
  Trap: 'Trap',
  ERET: 'Return',
};

export const typeName = (type: string): string => names[type] ?? type;
export const trapName = (trap: { readonly kind: string; readonly type: string }): string =>
  trap.kind === 'return' ? 'Return' : trap.kind === 'illegal-return' ? 'Illegal return' : typeName(trap.type);
