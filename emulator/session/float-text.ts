/** How a user interface writes floating-point numbers: as the sentences about instructions do. */
export { floatText } from '../base/float-text.ts';
