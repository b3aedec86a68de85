/** How the help writes what a run is given to type (run-input.ts). */
export const inputUsage = '[--input TEXT|@FILE] [--input-after WHEN:TEXT|@FILE]...';
export const inputNote = `--input types TEXT at the beginning, where it is lost if the guest enables its UART later; --input-after types
when the guest has printed WHEN, one after the other. Both take \\n, \\r, \\t, \\\\ and \\xHH; a colon in WHEN is \\:.`;
