/** A connection as bytes, whatever carries it: a shell has the sockets. */
export interface Line {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends it; `closed` is not called any more. */
  close(): void;
  /** Called once. `closed`: the other end has gone, or the line broke. */
  listen(receive: (bytes: Uint8Array) => void, closed: () => void): void;
}

/** Resolves as the promise does, or rejects with what `late` gives after so many milliseconds. */
export function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
