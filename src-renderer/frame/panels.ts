/** Every panel that a layout can name. */
import type { Component } from 'svelte';
import type { PanelName } from '../state/layouts.svelte.ts';
import Breakpoints from '../panels/Breakpoints.svelte';
import Code from '../panels/Code.svelte';
import CodeWide from '../panels/CodeWide.svelte';
import Console from '../panels/Console.svelte';
import Descriptor from '../panels/Descriptor.svelte';
import EnteringPanel from '../panels/EnteringPanel.svelte';
import Functions from '../panels/Functions.svelte';
import GeneralRegisters from '../panels/GeneralRegisters.svelte';
import Levels from '../panels/Levels.svelte';
import Maps from '../panels/Maps.svelte';
import Memory from '../panels/Memory.svelte';
import MemoryDetail from '../panels/MemoryDetail.svelte';
import RegionDetail from '../panels/RegionDetail.svelte';
import RegisterDetail from '../panels/RegisterDetail.svelte';
import Registers from '../panels/Registers.svelte';
import TableEntry from '../panels/TableEntry.svelte';
import TableLookup from '../panels/TableLookup.svelte';
import Tables from '../panels/Tables.svelte';
import Traps from '../panels/Traps.svelte';
import Walk from '../panels/Walk.svelte';
import WalkResult from '../panels/WalkResult.svelte';

export interface KnownPanel {
  readonly title: string;
  /** Those that stand beside others take `bare`: their tab says the title. */
  readonly panel: Component<{ bare: boolean }> | Component;
}

export const panels: Readonly<Record<PanelName, KnownPanel>> = {
  levels: { title: 'Levels', panel: Levels },
  walk: { title: 'Walk', panel: Walk },
  walkResult: { title: 'Result', panel: WalkResult },
  descriptor: { title: 'Descriptor', panel: Descriptor },
  tables: { title: 'Tables', panel: Tables },
  tableEntry: { title: 'Entry', panel: TableEntry },
  tableLookup: { title: 'Look up', panel: TableLookup },
  maps: { title: 'Maps', panel: Maps },
  region: { title: 'Selected', panel: RegionDetail },
  traps: { title: 'Traps', panel: Traps },
  code: { title: 'Code', panel: CodeWide },
  nextCode: { title: 'Code', panel: Code },
  breakpoints: { title: 'Breakpoints', panel: Breakpoints },
  functions: { title: 'Functions', panel: Functions },
  registers: { title: 'Registers', panel: Registers },
  memory: { title: 'Memory', panel: Memory },
  memoryDetail: { title: 'Selected', panel: MemoryDetail },
  registerDetail: { title: 'Decoded', panel: RegisterDetail },
  generalRegisters: { title: 'Registers', panel: GeneralRegisters },
  entering: { title: 'Entering EL1', panel: EnteringPanel },
  console: { title: 'Console', panel: Console },
};
