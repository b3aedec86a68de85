/** The palette's answers to names of registers and fields. */
import { expect, test } from 'vitest';
import type { RegisterGroup } from '../../emulator/session/views.ts';
import { registersFound } from '../../src-renderer/frame/registers-found.ts';

const field = (name: string, meaning: string, value: string, text = ''): object => ({ name, high: 0, low: 0, value, meaning, text });
const register = (name: string, fields: object[] = []): object => ({
  name,
  value: '0x1',
  text: '',
  ...(fields.length && { decoded: { name, value: '0x1', width: 64, text: 'stage 2 on', fields } }),
});
const groups = [
  { title: 'General', registers: ['x0', 'x10', 'sp'].map((name) => register(name)) },
  {
    title: 'EL2',
    registers: [
      register('HCR_EL2', [field('TWI', 'WFI by EL1 and EL0', '0b1', 'traps to EL2'), field('VM', 'stage 2', '0b1', 'on')]),
      register('SCTLR_EL2', [field('nTWI', 'WFI', '0b0')]),
    ],
  },
] as unknown as RegisterGroup[];
const names = (typed: string): string[] => registersFound(groups, typed, 8).map(({ name }) => name);

test('registers and fields are found by name, the best fit first, then by what a field is for', () => {
  expect(names('hcr')).toEqual(['HCR_EL2']);
  expect(names('twi')).toEqual(['HCR_EL2.TWI', 'SCTLR_EL2.nTWI']);
  expect(names('hcr_el2.t')).toEqual(['HCR_EL2.TWI']);
  expect(names('stage 2')).toEqual(['HCR_EL2.VM']);
  expect(names('wfi')).toEqual(['HCR_EL2.TWI', 'SCTLR_EL2.nTWI']);
  expect(names('x1')).toEqual(['x10']);
  expect(['', ' ', 'x', 'nothing'].flatMap(names)).toEqual([]);
  expect(registersFound(groups, 'twi', 1)).toEqual([
    { register: 'HCR_EL2', name: 'HCR_EL2.TWI', note: 'WFI by EL1 and EL0: traps to EL2' },
  ]);
});
