/** The components of panels, by the names that `state/panels.ts` gives. */
import type { Component } from 'svelte';
import { panels, type PanelName } from '../state/panels.ts';

type Panel = Component;

// The terminal and the editor are loaded after the rest of the window.
const files = import.meta.glob<Panel>(['../panels/*.svelte', '!../panels/ConsoleTerminal.svelte', '!../panels/SourceEditor.svelte'], {
  eager: true,
  import: 'default',
});

export const panelOf = (name: PanelName): Panel => files[`../panels/${panels[name].component}.svelte`];
