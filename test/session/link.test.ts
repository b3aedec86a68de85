/** The text of links: read as it was written, and nothing else is read. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../emulator/base/errors.ts';
import {
  guideLinkText,
  isLinkAddress,
  linkAddress,
  linkSubject,
  linkText,
  parseGuideLink,
  parseLink,
  readLink,
  textOfAddress,
  type GuideLink,
  type Link,
} from '../../emulator/session/link.ts';

const few = { numRuns: 60 };
const hex = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => `0x${value.toString(16)}`);
const identity = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => value.toString(16).padStart(16, '0'));
const count = fc.maxSafeNat();
const level = fc.constantFrom(0 as const, 1 as const, 2 as const);
const words = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', minLength: 1, maxLength });
const some = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> => fc.record(model, { requiredKeys: [] });
const regime = fc.constantFrom('el1' as const, 'el2' as const);
const register = fc.constantFrom('TTBR0_EL1', 'TTBR1_EL1', 'VTTBR_EL2', 'TTBR0_EL2');

const choices = fc.oneof(
  fc.record({ show: fc.constant('levels'), choice: fc.constant({}) }),
  fc.record({ show: fc.constant('source'), choice: fc.constant({}) }),
  fc.record({
    show: fc.constant('walk'),
    choice: some({ va: hex, follow: fc.constantFrom('pc', 'sp', 'fault'), regime, el: level, access: fc.constantFrom('r', 'w', 'x') }),
  }),
  fc.record({
    show: fc.constant('tables'),
    choice: some({ register, vmid: fc.nat(255), level: fc.nat(3), input: hex }),
  }),
  fc.record({ show: fc.constant('maps'), choice: some({ regime }) }),
  fc.record({
    show: fc.constant('traps'),
    choice: some({ mode: fc.constantFrom('lanes', 'sequence', 'compare'), trap: count, filter: words(60) }),
  }),
  fc.record({ show: fc.constant('code'), choice: some({ address: hex }) }),
  fc.record({ show: fc.constant('registers'), choice: some({ register: words(8) }) }),
  fc.record({ show: fc.constant('memory'), choice: some({ address: hex, space: fc.constantFrom('va', 'ipa', 'pa'), el: level }) }),
);
const links = fc
  .tuple(fc.record({ program: words(40), id: identity, at: count, inputs: identity }, { requiredKeys: ['program', 'id', 'at'] }), choices)
  .map(([head, { show, choice }]): Link => ({ ...head, show, choice: { ...choice } }))
  .filter(({ program, choice }) => program.length <= 255 && !('register' in choice && String(choice.register).length > 32));

test('a link is read as it was written', () => {
  fc.assert(
    fc.property(links, (link) => isDeepStrictEqual(parseLink(linkText(link)), link)),
    few,
  );
});
test('its text is one that an address may hold behind #', () => {
  fc.assert(
    fc.property(links, (link) => /^[\w.~!*'()%&=-]+$/.test(linkText(link))),
    few,
  );
});
const guideLinks = fc.oneof(
  fc.record(
    { lesson: fc.integer({ min: 1, max: 99 }), question: fc.constantFrom('slot', 'el1t'), seed: fc.integer({ min: 1, max: 999_999 }) },
    { requiredKeys: ['lesson'] },
  ),
  fc.record({ lab: fc.constantFrom('P01', 'P37'), seed: fc.integer({ min: 1, max: 999_999 }) }, { requiredKeys: ['lab'] }),
);
test('a link to a lesson is read as it was written, and as a teacher writes it', () => {
  fc.assert(
    fc.property(guideLinks, (link) => isDeepStrictEqual(parseGuideLink(guideLinkText(link as GuideLink)), { ...link })),
    few,
  );
  expect(parseGuideLink('lesson=04&seed=7')).toEqual({ lesson: 4, seed: 7 });
  expect(parseGuideLink('program=x')).toBeUndefined();
});
test.each([
  'lesson=0',
  'lesson=100',
  'lesson=4&seed=0',
  'lesson=4&seed=x',
  'lesson=4&at=5',
  'lab=P1',
  'lab=../x',
  'lesson=4&lesson=5',
  'lesson=4&question=%00',
  'lesson=',
])('%j is refused with a sentence', (text) => expect(() => parseGuideLink(text)).toThrow(/^this is not a link to a lesson: /));
test('text from anywhere is refused with a sentence, or is a link that is written the same again', () => {
  const read = (text: string): boolean => {
    let link: Link;
    try {
      link = parseLink(text);
    } catch (error) {
      return error instanceof InputError && error.message.startsWith('this is not a link to an instant: ');
    }
    return isDeepStrictEqual(parseLink(linkText(link)), link);
  };
  fc.assert(fc.property(fc.string({ unit: 'binary' }), read), few);
  // Links with some of their letters changed.
  const changed = fc.tuple(links, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(3)).map(([link, at, by, gone]) => {
    const text = linkText(link);
    const place = at % text.length;
    return text.slice(0, place) + by + text.slice(place + gone);
  });
  fc.assert(fc.property(changed, read), few);
});

const good = 'program=a.elf&id=0123456789abcdef&at=5&show=walk&va=0x40000000';
test.each([
  ['', 'it is not made of names and values'],
  [good.replace('show=walk', 'show=nothing'), 'show'],
  [`${good}&at=6`, 'it has at twice'],
  [`${good}&colour=red`, 'colour'],
  [`${good}&__proto__=1`, 'it is not made of names and values'],
  [good.replace('at=5', 'at=5e3'), 'at is not a number'],
  [good.replace('at=5', `at=${2 ** 53}`), 'at'],
  [good.replace('0x40000000', 'javascript:alert(1)'), 'expected a hexadecimal address'],
  [`${good}%`, 'it has been cut or changed'],
  [good.padEnd(9000, 'x'), 'it has more than 8192 characters'],
])('%s is refused', (text, why) => {
  expect(parseLink(good)).toMatchObject({ at: 5, choice: { va: '0x40000000' } });
  expect(() => parseLink(text)).toThrow(why);
});

const anyText = fc.oneof(
  links.map((link) => linkText(link)),
  guideLinks.map((link) => guideLinkText(link as GuideLink)),
);
test('an address of the desktop app holds the text of a link, however a system writes its beginning', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom('elscope://open?', 'ELSCOPE://OPEN?', 'elscope://open/?'), (text, beginning) => {
      return textOfAddress(beginning + text) === text && textOfAddress(new URL(linkAddress(text)).href) === text;
    }),
    few,
  );
});
test('an address from anywhere is refused with a sentence, or holds a link that was read', () => {
  const read = (address: string): boolean => {
    let text: string;
    try {
      text = textOfAddress(address);
    } catch (error) {
      return error instanceof InputError && /^this is not a link (for ELscope|to an instant|to a lesson): .{1,4000}$/.test(error.message);
    }
    return isLinkAddress(address) && address.endsWith(text) && text.length <= 8192 && readLink(text) !== undefined;
  };
  fc.assert(fc.property(fc.string({ unit: 'binary' }), read), few);
  const beginning = fc.constantFrom(
    'elscope:',
    'elscope://',
    'elscope://open?',
    'elscope://open?lesson=',
    'elscope://open/../?',
    'app://open?',
  );
  fc.assert(
    fc.property(beginning, fc.string({ unit: 'binary' }), (start, rest) => read(start + rest)),
    few,
  );
  const changed = fc.tuple(anyText, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(3)).map(([text, at, by, gone]) => {
    const address = linkAddress(text);
    const place = at % address.length;
    return address.slice(0, place) + by + address.slice(place + gone);
  });
  fc.assert(fc.property(changed, read), few);
});
test.each([
  '',
  'lesson=4',
  'elscope://run?lesson=4',
  'elscope://open@elsewhere?lesson=4',
  'elscope://open#lesson=4',
  ' elscope://open?lesson=4',
  'elscope://open?lesson=4#x',
  'elscope://open?lesson=4" --budget 1',
  `elscope://open?lesson=${'4'.repeat(9000)}`,
])('the address %j is refused', (address) => expect(() => textOfAddress(address)).toThrow(/^this is not a link /));
test('the sentence about a link quotes no more of it than one reads', () => {
  expect(() => readLink(good.replace('a.elf', `a&show=${'y'.repeat(5000)}`).replace('&show=walk', ''))).toThrow(/^[^]{50,500}$/);
});
test('what a link leads to is told in words, with no letter that acts and no name that goes on and on', () => {
  expect(linkSubject(readLink('lesson=04&seed=7'))).toBe('lesson 4 with seed 7');
  expect(linkSubject(readLink('lesson=3&question=slot'))).toBe('the question slot of lesson 3');
  expect(linkSubject(readLink('lab=P17'))).toBe('lab P17');
  expect(linkSubject(readLink(good))).toBe('instant 5 of a.elf');
  expect(linkSubject(readLink(good.replace('a.elf', 'a%E2%80%AEb')))).toBe('instant 5 of a\\u{202e}b');
  expect(linkSubject(readLink(good.replace('a.elf', 'x'.repeat(200))))).toBe(`instant 5 of ${'x'.repeat(39)}…`);
});
