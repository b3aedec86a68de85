/** Dialogs that nobody sees: each is cancelled. A test puts its own function in place of one, as it does with real Electron. */
export const dialog = {
  showOpenDialog: (_options?: unknown) => Promise.resolve({ canceled: true, filePaths: [] as string[] }),
  showSaveDialog: (_options?: unknown) => Promise.resolve({ canceled: true, filePath: '' }),
  showMessageBox: (_options?: unknown) => Promise.resolve({ response: 0, checkboxChecked: false }),
  showErrorBox: (title: string, text: string) => console.error(`[error box] ${title}: ${text}`),
};
