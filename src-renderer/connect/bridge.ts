/** What the page and Electron's preload script agree on. Types and names only: the preload script gives nothing else to the page. */

/** The message that brings the machine's MessagePort, which cannot go through the bridge itself. */
export const portMessage = 'elscope:port';

/** Choices of the native menu that the page carries out. Opening files is not among them: the shell reads the file. */
export const menuActions = [
  'run-pause',
  'step',
  'step-over',
  'step-out',
  'step-back',
  'previous-trap',
  'next-trap',
  'reset',
  'save-recording',
  'export',
  'copy-link',
  'command-palette',
  'present',
  'theme',
  'help',
] as const;
export type MenuAction = (typeof menuActions)[number];

export interface Bridge {
  /** Asks for a session; it comes as a window message `portMessage` with one port. */
  connect(): void;
  /** Calls the listener for each choice in the native menu. */
  onMenu(listener: (action: MenuAction) => void): void;
  /** Calls the listener with the text of each link that another program gave to the app, from the one that it was started with on. */
  onLink(listener: (text: string) => void): void;
}

declare global {
  interface Window {
    /** Only in Electron. */
    readonly elscope?: Bridge;
  }
}
