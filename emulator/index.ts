/** The one door of the emulator for shells: everything they may use of it. */
export { InputError, NotBuilt } from './base/errors.ts';
export { hex } from './base/hex.ts';
export type { BoardFile } from './machine/loader.ts';
export type { Walk } from './mmu/walk-types.ts';
export { isRecording } from './time/chunks.ts';
export { readRecording, writeRecording, type Recording } from './time/recording-file.ts';
export { trapLine, type TrapLine } from './time/trap-log.ts';
export { levelsView } from './explain/levels.ts';
export { eventText, levelsText, placeText } from './explain/levels-text.ts';
export { tablesOf, tablesText } from './explain/tables-text.ts';
export { trapRow } from './explain/trap-story.ts';
export { walkText } from './explain/walk-text.ts';
export { limits, type MachineOptions } from './session/contract.ts';
export { messagePort, webSocketPort, type Port, type WebSocketLike } from './session/port.ts';
export { openProgram, replay, type Program } from './session/program.ts';
export { demoPace, serveSession, type SessionOptions } from './session/serve.ts';
export { programMaps } from './session/views/maps.ts';
export { mapsText } from './session/maps-text.ts';
