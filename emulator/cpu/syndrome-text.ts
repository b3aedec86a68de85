/** ESR_ELx in words (Arm ARM D17.2.37). */
export { exceptionClassName, exceptionClassOf } from './registers/fields/exception-classes.ts';
