/** The one door of the emulator for shells: everything they may use of it. */
export { serveSession, type SessionOptions } from './session/serve.ts';
export { messagePort, webSocketPort, type Port, type WebSocketLike } from './session/port.ts';
export { limits, type MachineOptions } from './session/contract.ts';
export { InputError, NotBuilt } from './base/errors.ts';
