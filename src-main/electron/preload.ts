/** The only thing of Electron that the page can reach: the bridge. Runs sandboxed, in its own world. */
import { contextBridge, ipcRenderer } from 'electron';
import { portMessage, type Bridge, type MenuAction } from '../../src-renderer/connect/bridge.ts';
import { channels } from './channels.ts';

const bridge: Bridge = {
  connect: () => ipcRenderer.send(channels.connect),
  onMenu: (listener) => void ipcRenderer.on(channels.menu, (_event, action: MenuAction) => listener(action)),
  onLink(listener) {
    ipcRenderer.on(channels.link, (_event, text: string) => listener(text));
    ipcRenderer.send(channels.hearsLinks);
  },
};
contextBridge.exposeInMainWorld('elscope', bridge);

// A port cannot go through the bridge; it is posted to the page's own window, as long as that shows the page.
ipcRenderer.on(channels.port, (event) => window.postMessage(portMessage, location.origin, event.ports));
