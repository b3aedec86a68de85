/** How a test that started us (as a child process with IPC) looks inside: it sends functions, as Playwright does with real Electron. */
import * as electron from './electron.ts';

export interface ControlRequest {
  readonly id: number;
  /** Text of a function that gets the electron module and the argument. */
  readonly source: string;
  readonly argument: unknown;
}
export type ControlReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
  /** The browser is there: where Playwright can connect. */
  | { readonly devtools: string };

export function listenToTest(): void {
  process.on('message', ({ id, source, argument }: ControlRequest) => {
    void evaluate(source, argument).then(
      (value) => tellTest({ id, value }),
      (error: unknown) => tellTest({ id, error: String(error) }),
    );
  });
}

export function tellTest(reply: ControlReply): void {
  process.send?.(reply);
}

async function evaluate(source: string, argument: unknown): Promise<unknown> {
  // The test's own code, sent by the process that started us.
  // oxlint-disable-next-line typescript/no-implied-eval
  const compile = new Function(`return (${source})`) as () => (module: unknown, argument: unknown) => unknown;
  return compile()(electron, argument);
}
