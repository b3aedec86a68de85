/** How a user interface writes tables of its own: as the session writes those of traps. */
export { csvLines } from '../base/csv.ts';
