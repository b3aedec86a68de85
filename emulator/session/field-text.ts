/** How a user interface says what a field is for and what its value means. */
export { fieldText, type FieldWords } from '../base/field-text.ts';
