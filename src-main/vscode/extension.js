/** Starts `elscope dap` for a debug session, and adds "Open in ELscope" to its toolbar. */
// oxlint-disable-next-line typescript/no-require-imports -- VS Code loads extensions as CommonJS.
const vscode = require('vscode');

exports.activate = (context) => {
  const createDebugAdapterDescriptor = (session) => {
    const [command, ...words] = vscode.workspace.getConfiguration('elscope').get('command');
    const cwd = session.workspaceFolder?.uri.fsPath;
    return new vscode.DebugAdapterExecutable(command, [...words, 'dap'], cwd ? { cwd } : {});
  };
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory('elscope', { createDebugAdapterDescriptor }),
    vscode.commands.registerCommand('elscope.open', () => vscode.debug.activeDebugSession?.customRequest('openInElscope')),
  );
};
