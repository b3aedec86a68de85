/** Limits of what one message may carry. `sourceCharacters`: of a program in assembly. `watchedBytes`: of a breakpoint; `writtenBytes`: of a question who wrote. */
export const limits = {
  imageBytes: 512 << 20,
  inputBytes: 1 << 16,
  sourceCharacters: 1 << 18,
  problems: 100,
  rows: 1000,
  codeLines: 400,
  laneWidth: 8192,
  tableRows: 400,
  subscriptions: 256,
  memoryBytes: 1 << 16,
  watchedBytes: 1 << 20,
  writtenBytes: 64,
  writes: 100,
} as const;
