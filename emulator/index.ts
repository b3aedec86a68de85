/** The one door of the emulator for shells: everything they may use of it. */
export { serveSession, type SessionOptions } from './session/serve.ts';
export { messagePort, webSocketPort, type Port } from './session/port.ts';
export { InputError, NotBuilt } from './base/errors.ts';
