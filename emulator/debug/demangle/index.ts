/**
 * Names as they were written in C++ or Rust, from the names that linkers see. Functions come without their parameters, which the pictures have no
 * room for. What is not understood stays as it is.
 */
import { itanium } from './itanium.ts';
import { rustLegacy } from './rust-legacy.ts';
import { rustV0 } from './rust-v0.ts';
import { Misread } from './reader.ts';

/** Longer ones are left alone: compilers cut theirs long before, and the work is in proportion to this. */
const MOST_CHARACTERS = 4000;

/** "hv::Vm::run" for "_ZN2hv2Vm3runEj"; the name itself where it is not mangled. */
export function demangled(name: string): string {
  if (!/^_?_[ZR]/.test(name) || name.length > MOST_CHARACTERS) return name;
  try {
    const legacy = rustLegacy(name);
    const [, mangled, copy = ''] = legacy ? [] : (/^([\w$]+)([.@].*)?$/.exec(name) ?? []);
    if (legacy) return legacy.text + copyWords(legacy.rest);
    if (mangled === undefined) return name;
    return (mangled.startsWith('_R') ? rustV0(mangled) : itanium(mangled)) + copyWords(copy);
  } catch (error) {
    if (error instanceof Misread) return name;
    throw error;
  }
}

/** What a compiler adds for its own copies of a function: ".part.0", ".isra.1"; LLVM's only tell names apart. */
const copyWords = (rest: string): string => (rest === '' || rest.startsWith('.llvm.') ? '' : ` [clone ${rest}]`);
