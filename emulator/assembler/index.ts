/** GNU-style assembly text to an image that the machine runs, with symbols and lines. */
export { elfOf } from './elf-file.ts';
export { assembleProgram } from './program.ts';
