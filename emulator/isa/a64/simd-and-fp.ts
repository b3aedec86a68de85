// Arm ARM C4.1.96: scalar floating-point and Advanced SIMD, cryptography; C4.1.94: loads and stores of SIMD&FP registers. Not built.
import { notBuilt } from '../define.ts';

const what = 'Advanced SIMD and floating point';
notBuilt(what, 'data processing of SIMD&FP registers', 'xxxx 111 xxxxxxxxxxxxxxxxxxxxxxxxx');
notBuilt(what, 'load or store of SIMD&FP registers', 'xxxx 110 xxxxxxxxxxxxxxxxxxxxxxxxx');
