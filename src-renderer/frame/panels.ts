/** The components of panels, by the names that `state/panels.ts` gives. */
import type { Component } from 'svelte';
import { panels, type PanelName } from '../state/panels.ts';

/** A panel that stands beside another is `bare`: its tab says the title. */
type Panel = Component<{ bare?: boolean }>;

// The terminal is loaded when the rest of the window stands.
const files = import.meta.glob<Panel>(['../panels/*.svelte', '!../panels/ConsoleTerminal.svelte'], { eager: true, import: 'default' });

export const panelOf = (name: PanelName): Panel => files[`../panels/${panels[name].component}.svelte`];
