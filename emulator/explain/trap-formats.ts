/** Names of the forms in which traps leave: see trap-forms.ts. On their own, because user interfaces need nothing else of them. */
export const trapFormats = ['jsonl', 'csv', 'mermaid', 'perfetto', 'json', 'text'] as const;
export type TrapFormat = (typeof trapFormats)[number];
