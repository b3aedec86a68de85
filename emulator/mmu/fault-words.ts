/** Memory faults in words. */
import { faultName, type MemoryFault } from '../cpu/faults.ts';

/** "Stage 2 permission fault, level 3, for the address of a stage 1 descriptor". */
export function faultText({ kind, stage, level, onStage1Walk }: MemoryFault): string {
  if (kind === 'pcAlignment') return 'PC alignment fault: instructions must be aligned to 4 bytes';
  if (kind === 'alignment' || kind === 'spAlignment' || kind === 'external') return capitalized(faultName(kind));
  return `Stage ${stage} ${faultName(kind)}, level ${level}${onStage1Walk ? ', for the address of a stage 1 descriptor' : ''}`;
}

const capitalized = (text: string): string => text[0].toUpperCase() + text.slice(1);
