/** Names of C++ and Rust against binutils' c++filt, and any other text that begins as they do. */
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { demangled } from '../../emulator/debug/demangle/index.ts';
import { namesOf } from '../../emulator/debug/symbols.ts';

/** Of a hypervisor that might be, and of libstdc++ and rustc. */
const names = [
  ...['_ZN2hv2Vm3runEj', '_ZN2hv2VmC2Ev', '_ZN2hv2VmD0Ev', '_ZNK4Span4sizeEv', '_ZN12_GLOBAL__N_13fooEv', '_ZL6g_page', '_ZN2hvplERKNS_1AES2_'],
  ...['_ZN2hv5TableILj4ELj39EE6lookupEym', '_ZN2hv3fooIPFvvEEEvT_', '_ZTV2Vm', '_ZN1AcvbEv', '_ZN1AnwEm', '_ZlsR3LogPKc'],
  ...[ '_ZN1A1BILb1ELin3EE1fIJiPKcEEEvDpT_', '_Z1gIM1AFivEEvv', '_Z1gIKPVcEvv', '_Z1fB5cxx11v',],
  ...['_ZNSt6localeC2ERKS_', '_ZNKSt15basic_streambufIcSt11char_traitsIcEE6getlocEv', '_ZNSt10filesystem6statusERKNS_4pathERSt10error_code'],
  ...['_ZNSt7__cxx1112basic_stringIwSt11char_traitsIwESaIwEE12_Alloc_hiderC1EPwOS3_', '_ZNSt13basic_ostreamIwSt11char_traitsIwEE9_M_insertImEERS2_T_'],
  ...['_ZNSt7__cxx1110moneypunctIwLb0EE4intlE', '_ZNKSt7codecvtIDic11__mbstate_tE6do_outERS0_PKDiS4_RS4_PcS6_RS6_', '_ZNSbIwSt11char_traitsIwESaIwEEpLERKS2_'],
  ...['_RNvMs19_NtCslNYArtu3iFV_5alloc6stringNtB6_5Drain6as_str', '_RINvMs_NtCshg5UprtI8ZK_4jiff5errorNtB5_5Error5rangexssEB7_'],
  ...['_RINvNtCsgEmfK2I1SDS_4core9panicking13assert_failedNtNtNtCs5wpeUTfK1SV_14regex_automata4util10primitives7StateIDBM_EBS_'],
  ...['_RNvXNtNtNtCsjrHSEGnQ3l9_3std2os4unix2fsNtNtB8_2fs4FileNtB2_7FileExt7read_at', '_RNCNvNtCs1234_7mycrate4main3run0B5_'],
  ...['_RNvXs4_NtNtCs6mNkMfao1uC_12aho_corasick4util9prefilterNtB5_6MemmemNtB5_10PrefilterI7find_in', '_RINvCs1234_7mycrate3fooFUKCRhEuE', '_RNvCs1234_7mycrateu8gdel_5qa'],
]; // prettier-ignore

test('names read as c++filt writes them without parameters', () => {
  const expected = execFileSync('aarch64-linux-gnu-c++filt', ['-p'], { input: names.join('\n'), encoding: 'utf8' })
    .trim()
    .split('\n');
  // The hashes of crates say nothing to a person.
  expect(names.map(demangled)).toEqual(expected.map((name) => name.replaceAll(/\[[0-9a-f]{4,}\]/g, '')));
});

test.each([
  ['_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE', 'core::fmt::Write::write_fmt'],
  ['_ZN52_$LT$hv..vm..Vm$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE', '<hv::vm::Vm as core::ops::drop::Drop>::drop'],
  // Where c++filt writes the parameters all the same, or leaves a type out.
  ['_ZZN2hv4mainEvE5table', 'hv::main::table'],
  ['_ZZN2hv4mainEvENKUlvE_clEv', 'hv::main::{lambda()#1}::operator()'],
  ['_ZGVZ1fvE1x', 'guard variable for f::x'],
  ['_Z1gIA4_iEvv', 'g<int [4]>'],
])('%s', (name, expected) => expect(demangled(name)).toBe(expected));

test('other names stay as they are', () => {
  for (const name of [
    'main',
    '_Z',
    '_ZN',
    '_ZN3foo',
    '_Zebra',
    '_R',
    '_ZN9999999999xE',
    '_Z1fIXcl1gEEEvv',
    '_ZNS_1fE',
    `_Z${'P'.repeat(3000)}i`,
    '_start',
  ])
    expect(demangled(name)).toBe(name);
  expect(namesOf('_ZN2hv2Vm3runEj.part.0')).toEqual({ name: 'hv::Vm::run [clone .part.0]', mangled: '_ZN2hv2Vm3runEj.part.0' });
  expect(namesOf('main')).toEqual({ name: 'main' });
  // A direction mark in an escape is made visible.
  expect(namesOf('_ZN10a$u202e$bc17h0123456789abcdefE').name).not.toContain('\u202e');
});

test('whatever they become, they cost little and never fail', () => {
  const part = fc.constantFrom(
    ...'0123456789NEISTKPRFLJXZBCMYDGU_abcijm',
    'St',
    'S_',
    'S0_',
    'T_',
    'Dp',
    '3foo',
    'IiE',
    'B_',
    'B2_',
    'Cs_3foo',
  );
  const made = fc
    .tuple(fc.constantFrom('_Z', '_ZN', '_R', '_RNv'), fc.array(part, { maxLength: 60 }))
    .map(([head, rest]) => head + rest.join(''));
  const cut = fc.tuple(fc.constantFrom(...names), fc.nat(80), part).map(([name, at, by]) => name.slice(0, at) + by + name.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(made, cut), (name) => demangled(name).length <= 4000 + name.length),
    { numRuns: 3000 },
  );
  // Each `S_` is all that came before it, twice.
  expect(
    demangled(
      `_Z1f${'I1A'.repeat(1)}${Array.from({ length: 60 }, (_, i) => `1AIS${i ? (i - 1).toString(36).toUpperCase() : ''}_S_E`).join('')}E`,
    ).length,
  ).toBeLessThan(5000);
});
