/** The experiments of a person with a run, as they are kept in its recording: what each was begun with. */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import type { InputEvent } from './input-log.ts';

export interface StoredExperiment {
  readonly name: string;
  /** The instant at which something is changed... */
  readonly at: number;
  /** ... and what, as a person types it: "HCR_EL2.TWI=0". */
  readonly set: readonly string[];
  /** The input of the run as it was. */
  readonly inputs: readonly InputEvent[];
}

/** Of one recording, and changes of one of them. */
const [MOST_EXPERIMENTS, MOST_CHANGES] = [64, 16];

/** `inputs`: writes the input of one. */
export function experimentsChunk(
  experiments: readonly StoredExperiment[],
  inputs: (events: readonly InputEvent[]) => Uint8Array,
): Uint8Array {
  const writer = new ByteWriter();
  for (const one of experiments) {
    writer.text(one.name).count(one.at).u8(one.set.length);
    for (const change of one.set) writer.text(change);
    writer.bytes(inputs(one.inputs));
  }
  return writer.finish();
}

/** Throws InputError for what no ELscope has written. `inputs`: reads the input of one. */
export function readExperiments(
  payload: Uint8Array,
  file: string,
  inputs: (payload: Uint8Array) => readonly InputEvent[],
): StoredExperiment[] {
  const reader = new ByteReader(payload, file);
  const experiments: StoredExperiment[] = [];
  while (reader.remaining > 0) {
    if (experiments.length === MOST_EXPERIMENTS)
      throw reader.error(`more than ${MOST_EXPERIMENTS} experiments`, 'no ELscope keeps so many');
    const name = reader.text();
    const at = reader.count();
    const changes = reader.u8();
    if (changes === 0 || changes > MOST_CHANGES)
      throw reader.error(`an experiment with ${changes} changes`, `expected 1 to ${MOST_CHANGES}`);
    const set = Array.from({ length: changes }, () => reader.text());
    experiments.push({ name, at, set, inputs: inputs(reader.bytes()) });
  }
  return experiments;
}
