/** GNU-style assembly text to an image that the machine runs, with symbols and lines. */
export { elfOf, SOURCE_SECTION } from './elf-file.ts';
export { directiveNames } from './expander.ts';
export { assembleProgram, type Program } from './program.ts';
export type { Problem } from './source.ts';
