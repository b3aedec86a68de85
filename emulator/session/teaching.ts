/** What a shell lends for teaching: the lessons that come with the app, and programs with mistakes. */
import * as v from 'valibot';

const lab = v.object({
  id: v.pipe(v.string(), v.regex(/^P\d\d$/)),
  title: v.string(),
  /** The symptom, as somebody would report it. */
  sentence: v.string(),
  /** The mistake and its repair. */
  wrong: v.string(),
  fix: v.string(),
  concepts: v.array(v.string()),
});
export type Lab = v.InferOutput<typeof lab>;

export interface Teaching {
  /** Lessons as they are written. */
  readonly lessons: readonly { readonly name: string; readonly text: string }[];
  /** The programs with a mistake each. */
  readonly labs: readonly Lab[];
}
export const noTeaching: Teaching = { lessons: [], labs: [] };

/** What is known of the labs, without what only tests need. */
export const labsOf = (list: unknown): readonly Lab[] => {
  const known = v.safeParse(v.array(lab), list);
  return known.success ? known.output : [];
};
/** The image of a lab, as `scenarioImage` takes it. */
export const labImage = (id: string): string => `labs/${id}.elf`;
