/** The native menu, as a template: what a choice does is the caller's. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuAction } from '../../src-renderer/connect/bridge.ts';

export interface MenuHandlers {
  /** Shows the dialog for programs or for recordings. */
  openDialog(kind: 'program' | 'recording'): void;
  openFile(path: string): void;
  clearRecent(): void;
  /** A choice that the page carries out. */
  page(action: MenuAction): void;
}

export function menuTemplate(handlers: MenuHandlers, recent: readonly string[]): MenuItemConstructorOptions[] {
  /** Keys marked `shown` are handled by the page itself, which knows when a text field has the focus. */
  const page = (label: string, id: MenuAction, shown: string): MenuItemConstructorOptions => ({
    label,
    id,
    accelerator: shown,
    registerAccelerator: false,
    click: () => handlers.page(id),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const isMac = process.platform === 'darwin';

  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: '&Open ELF...', id: 'open-program', accelerator: 'CmdOrCtrl+O', click: () => handlers.openDialog('program') },
        {
          label: 'Open &Recording...',
          id: 'open-recording',
          accelerator: 'CmdOrCtrl+Shift+O',
          click: () => handlers.openDialog('recording'),
        },
        { label: 'Open R&ecent', id: 'open-recent', submenu: recentItems(handlers, recent) },
        separator,
        page('&Save Recording...', 'save-recording', 'CmdOrCtrl+S'),
        page('E&xport...', 'export', 'CmdOrCtrl+E'),
        page('Copy &Link to This Instant', 'copy-link', 'L'),
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Run',
      submenu: [
        page('&Run or Pause', 'run-pause', 'F5'),
        separator,
        page('Step &Over', 'step-over', 'F10'),
        page('Step &Into', 'step', 'F11'),
        page('Step O&ut', 'step-out', 'Shift+F11'),
        page('Step &Back', 'step-back', 'Shift+F10'),
        separator,
        page('&Previous Trap', 'previous-trap', '['),
        page('&Next Trap', 'next-trap', ']'),
        separator,
        page('&Start Again', 'reset', 'CmdOrCtrl+Shift+F5'),
      ],
    },
    {
      label: '&View',
      submenu: [
        page('&Commands...', 'command-palette', 'CmdOrCtrl+K'),
        page('&Present', 'present', 'CmdOrCtrl+F11'),
        { label: 'Light or Dark &Theme', id: 'theme' satisfies MenuAction, click: () => handlers.page('theme') },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [page('&Help', 'help', 'F1')] },
  ];
}

function recentItems(handlers: MenuHandlers, recent: readonly string[]): MenuItemConstructorOptions[] {
  if (recent.length === 0) return [{ label: 'No recent files', enabled: false }];
  return [
    ...recent.map((path) => ({ label: path, click: () => handlers.openFile(path) })),
    { type: 'separator' as const },
    { label: 'Clear', click: () => handlers.clearRecent() },
  ];
}
