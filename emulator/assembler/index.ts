/** GNU-style assembly text to an image that the machine runs, with symbols and lines. */
export { elfOf } from './elf-file.ts';
export { assembleProgram, DEFAULT_BASE, type Assembled, type Program } from './program.ts';
export type { Problem } from './source.ts';
