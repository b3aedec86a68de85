/** Answers on stdout. */

/** Writes all of it, at the pace of the reader: a pipe takes only so much at once. */
export async function write(text: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

/** One JSON document. */
export const writeJson = (value: unknown): Promise<void> => write(`${JSON.stringify(value)}\n`);
