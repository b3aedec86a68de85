/** A part of a task makes no sense; whoever reads the whole task knows its line. */
export class TaskProblem extends Error {
  constructor(
    message: string,
    readonly expected?: string,
  ) {
    super(message);
  }
}
