/** ESR_ELx in words (Arm ARM D17.2.37). */
export { exceptionClassName } from './registers/fields/exception-classes.ts';
