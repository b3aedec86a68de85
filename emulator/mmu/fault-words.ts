/** Memory faults in words. */
import type { FaultKind, MemoryFault } from '../cpu/faults.ts';

export const faultNames: Record<FaultKind, string> = {
  translation: 'translation fault',
  permission: 'permission fault',
  accessFlag: 'access flag fault',
  addressSize: 'address size fault',
  alignment: 'alignment fault',
  external: 'external abort',
  externalOnWalk: 'external abort on a table read',
  pcAlignment: 'PC alignment fault',
  spAlignment: 'SP alignment fault',
  watchpoint: 'watchpoint',
};

/** "Stage 2 permission fault, level 3, for the address of a stage 1 descriptor". */
export function faultText({ kind, stage, level, onStage1Walk }: MemoryFault): string {
  if (kind === 'pcAlignment') return 'PC alignment fault: instructions lie at multiples of 4';
  if (kind === 'alignment' || kind === 'spAlignment' || kind === 'external') return capitalized(faultNames[kind]);
  return `Stage ${stage} ${faultNames[kind]}, level ${level}${onStage1Walk ? ', for the address of a stage 1 descriptor' : ''}`;
}

const capitalized = (text: string): string => text[0].toUpperCase() + text.slice(1);
