/*
 * Runs in the preload script's world: Electron's renderer half, then the preload script itself (`runPreload`). `standinSend` is a binding
 * to the main process; `standinReceive` is called from there.
 */
/* global encode, decode, worldBridge, standinSend, runPreload */
const page = worldBridge('preload', 'page');
const listeners = new Map();
const invocations = new Map();
const ports = new Map();
let lastInvocation = 0;
const send = (message) => standinSend(encode(message));

const ipcRenderer = {
  on(channel, listener) {
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    return ipcRenderer;
  },
  off(channel, listener) {
    listeners.set(
      channel,
      (listeners.get(channel) ?? []).filter((other) => other !== listener),
    );
    return ipcRenderer;
  },
  once(channel, listener) {
    const once = (...values) => {
      ipcRenderer.off(channel, once);
      listener(...values);
    };
    return ipcRenderer.on(channel, once);
  },
  send: (channel, ...values) => send({ type: 'send', channel, values }),
  invoke: (channel, ...values) =>
    new Promise((resolve, reject) => {
      const id = ++lastInvocation;
      invocations.set(id, { resolve, reject });
      send({ type: 'invoke', id, channel, values });
    }),
};

const contextBridge = {
  exposeInMainWorld(key, api) {
    if (typeof key !== 'string') throw new TypeError('the key of exposeInMainWorld must be a string');
    page.tell('expose', { key, api });
  },
};

globalThis.standinReceive = (text) => {
  const message = decode(text);
  if (message.type === 'message') {
    const given = message.ports.map(portFromMain);
    for (const listener of listeners.get(message.channel) ?? []) listener({ sender: ipcRenderer, ports: given }, ...message.values);
  } else if (message.type === 'port') ports.get(message.port)?.postMessage(message.data);
  else if (message.type === 'close') ports.get(message.port)?.close();
  else if (message.type === 'invoked') {
    const { resolve, reject } = invocations.get(message.id);
    invocations.delete(message.id);
    if (message.error === undefined) resolve(message.value);
    else reject(new Error(message.error));
  }
};

/** A port whose other end is in the main process. */
function portFromMain(port) {
  const { port1, port2 } = new MessageChannel();
  ports.set(port, port1);
  port1.onmessage = ({ data }) => send({ type: 'port', port, data });
  port1.addEventListener('close', () => send({ type: 'close', port }));
  return port2;
}

const module = { exports: {} };
runPreload(
  (name) => {
    if (name === 'electron' || name === 'electron/renderer') return { contextBridge, ipcRenderer };
    throw new Error(`module not found: ${name} (a sandboxed preload script has only electron)`);
  },
  module,
  module.exports,
);
