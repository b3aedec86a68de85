/** A field in words, of a register, a syndrome or a descriptor: "DC ZVA by EL0: not trapped". */
export interface FieldWords {
  /** What the field is for. */
  readonly meaning: string;
  /** What its value means; empty where the number says it all. */
  readonly text: string;
}

export const fieldText = ({ meaning, text }: FieldWords): string => [meaning, text].filter(Boolean).join(': ');
