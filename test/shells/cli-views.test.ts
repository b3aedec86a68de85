/** The commands that look at one instant of a run: walk, tables, map, levels, explain, state; and the forms of traps. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ChosenTraps } from '../../emulator/explain/trap-forms.ts';
import { isOneDiagram, openProgram, trapText } from '../../emulator/index.ts';
import { elscope, elscopeBytes, elscopeHere, prebuilt } from './built.ts';

const stage2 = prebuilt('04-stage2');
/** What a command prints; it must succeed and say nothing else. */
async function prints(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await elscopeHere(...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}
const json = async <T>(...words: string[]): Promise<T> => JSON.parse(await prints(...words)) as T;

interface Line {
  readonly n: number;
  readonly kind: string;
  readonly type: string;
  readonly esr: string;
  readonly far: string;
  readonly hpfar: string;
}
interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
}
/** The first write of the guest that stage 2 refused: an instant with everything to see. */
const lines = (await prints('traps', stage2, '--format', 'jsonl'))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);
const refused = lines.find(({ type }) => type === 'DataAbort')!;
const there = ['--at', String(refused.n)];

describe('walk', () => {
  const asked = ['walk', stage2, ...there, '--va', refused.far, '--access', 'w'];
  test('faults as the machine does in the next step', async () => {
    const walk = await json<{ at: number; reads: number; result: { ok: boolean; esr: string; hpfar: string } }>(
      ...asked,
      '--format',
      'json',
    );
    expect(walk).toMatchObject({ at: refused.n, va: refused.far, regime: 'el1', el: 1, access: 'w' });
    expect(walk.result).toMatchObject({ ok: false, esr: refused.esr, far: refused.far, hpfar: refused.hpfar });
  });
  test('as text has a line for each read', async () => {
    const text = await prints(...asked);
    expect(text).toMatch(new RegExp(`^write of VA ${refused.far} at EL1, regime EL1&0, instant ${refused.n}\n`));
    expect(text.match(/^ *\d+ +stage 2 level \d/gm)).toHaveLength(3);
  });
  test('--regime el2 walks the tables of the hypervisor', async () => {
    const walk = await json<object>('walk', stage2, ...there, '--va', '0x40080000', '--regime', 'el2', '--access', 'x', '--format', 'json');
    expect(walk).toMatchObject({ regime: 'el2', el: 2, result: { ok: true, pa: '0x40080000' } });
  });
});

describe('pictures', () => {
  test.each([
    ['levels', [], 'EL2'],
    ['walk', ['--va', refused.far], 'Stage 2'],
    ['map', [], 'Physical memory'],
    ['traps', [], 'One exception or return'],
  ])('%s as SVG: title, footer, white ground, text as text', async (command, more, words) => {
    const svg = await prints(command, stage2, ...there, ...more, '--format', 'svg');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="[\d.]+" height="[\d.]+"/);
    expect(svg).toMatch(/<rect x="0" y="0" width="[\d.]+" height="[\d.]+" fill="#ffffff"\/>/);
    expect(svg).toContain(words);
    expect(svg.replaceAll('\u2009', '')).toMatch(new RegExp(`>ELscope, 04-stage2\\.elf, instant ${refused.n}</text>`));
    expect(svg).toMatch(/<\/svg>\n$/);
    // And so does the built program.
    expect(elscope(command, stage2, ...there, ...more, '--format', 'svg').stdout).toBe(svg);
  });
  test('as PNG: twice the size of the SVG', async () => {
    const svg = await prints('levels', stage2, ...there, '--format', 'svg');
    const [width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!.slice(1).map(Number);
    const png = elscopeBytes('levels', stage2, ...there, '--format', 'png');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width, Math.round(2 * height)]);
    // Not an empty page.
    expect(png.length).toBeGreaterThan(20_000);
  });
});

describe('levels', () => {
  test('before the step and after it', async () => {
    expect(await json('levels', stage2, ...there, '--format', 'json')).toMatchObject({ at: refused.n, pstate: { el: 1 } });
    const after = await json('levels', stage2, '--at', String(refused.n + 1), '--format', 'json');
    expect(after).toMatchObject({ pstate: { el: 2 }, event: { n: refused.n, type: 'DataAbort', from: 1, to: 2 } });
    const text = await prints('levels', stage2, '--at', String(refused.n + 1));
    expect(text).toContain(`DataAbort in step ${refused.n}: EL1 -> EL2`);
    expect(text).toContain(`FAR_EL2    ${refused.far}`);
  });
});

test('interrupts: where one is held, and by which field, as text and as JSON', async () => {
  const held = [prebuilt('05-interrupts'), '--at', '58124', '--intid', '27'];
  const text = await prints('interrupts', ...held);
  expect(text).toContain('held: PSTATE.I = 1. EL1 masks virtual IRQs.');
  expect(text).toMatch(/58090 +EL2 +put into GICH_LR0, pending/);
  const view = await json('interrupts', ...held, '--json');
  expect(view).toMatchObject({ at: 58124, chosen: { id: 27 }, virtual: { verdict: 'held', hold: { field: 'PSTATE.I', value: '1' } } });
  const { stderr } = await elscopeHere('interrupts', ...held.slice(0, 3), '--intid', '300');
  expect(stderr).toContain('expected an INTID from 0 to 287');
});

describe('slides', () => {
  test('of any picture have the size and the type of a wall, in the theme asked for', async () => {
    const svg = await prints('picture', 'interrupts', stage2, ...there, '--slide', 'dark', '--part', '1');
    expect(svg).toMatch(/^<svg [^>]*width="1920" height="1080" viewBox="0 0 1920 1080"/);
    expect(svg).toContain('fill="#14171b"');
    for (const [, size] of svg.matchAll(/font-size="([\d.]+)"/g)) expect(Number(size)).toBeGreaterThanOrEqual(20);
    expect(await prints('walk', stage2, ...there, '--va', refused.far, '--format', 'svg', '--slide', 'light')).toContain('width="1920"');
  });
  test('that are several are told, and each can be had', async () => {
    const after = ['--at', String(refused.n + 1)];
    const { stdout, stderr } = await elscopeHere('picture', 'trap', stage2, ...after, '--slide', 'light');
    const count = Number(/slide 1 of (\d+)/.exec(stderr)?.[1]);
    expect(count).toBeGreaterThan(1);
    expect(stdout).toContain(`>1 of ${count}</text>`);
    expect(await prints('picture', 'trap', stage2, ...after, '--slide', 'light', '--part', '2')).toContain(`>2 of ${count}</text>`);
    expect((await elscopeHere('picture', 'preflight', stage2, '--at', '0')).stderr).toContain('is no ERET');
  });
});

describe('tables and map', () => {
  test('list the stages that translate', async () => {
    const { at, tables } = await json<{ at: number; tables: { register: string; root: object }[] }>(
      'tables',
      stage2,
      ...there,
      '--format',
      'json',
    );
    expect(at).toBe(refused.n);
    expect(tables.map(({ register }) => register)).toEqual(['TTBR0_EL2', 'VTTBR_EL2']);
    const text = await prints('tables', stage2, ...there);
    expect(text).toContain('VTTBR_EL2, stage 2,');
    expect(text).toMatch(/\[\d+(\.\.\d+)?\] page {2}0x80000000\.\./);
  });
  test('are drawn too', async () => {
    const svg = await prints('tables', stage2, ...there, '--format', 'svg');
    expect(svg).toMatch(/^<svg /);
    for (const word of ['VTTBR_EL2', '0x80000000', 'ELscope, 04-stage2.elf']) expect(svg).toContain(word);
  });
  test('say so when nothing does', async () =>
    expect(await prints('tables', stage2, '--at', '0')).toBe('no stage translates: every MMU is off\n'));
  test('as CSV are rows of every stage that translates, of what has changed, or of who reaches an address', async () => {
    const rows = async (...words: string[]): Promise<string[][]> => {
      const text = await prints('tables', stage2, ...there, '--format', 'csv', ...words);
      expect(text.endsWith('\r\n')).toBe(true);
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      const all = text.trimEnd().split('\r\n').map(cells);
      for (const row of all) expect(row).toHaveLength(all[0].length);
      return all;
    };
    expect(new Set((await rows()).slice(1).map(([register]) => register))).toEqual(new Set(['TTBR0_EL2', 'VTTBR_EL2']));
    const [head, ...changes] = await rows('--register', 'VTTBR_EL2', '--compare', '0');
    expect(head).toContain('before');
    expect(new Set(changes.map(([, change]) => change))).toEqual(new Set(['added']));
    const [names, ...reaching] = await rows('--pa', '0x40080000');
    expect(names.slice(0, 3)).toEqual(['pa', 'name', 'space']);
    expect(reaching.find(([, , space]) => space === 'Hypervisor, EL2')).toEqual(expect.arrayContaining(['0x40080000', 'RAM']));
    expect((await elscopeHere('tables', stage2, '--pa', '0', '--format', 'svg')).stderr).toContain('--pa has no picture');
  });
  test('map has the columns of the regime', async () => {
    const columns = async (...more: string[]): Promise<string[]> => {
      const map = await json<{ columns: { id: string }[] }>('map', stage2, ...there, '--format', 'json', ...more);
      return map.columns.map(({ id }) => id);
    };
    expect(await columns()).toEqual(['va', 'ipa', 'pa']);
    expect(await columns('--regime', 'el2')).toEqual(['va', 'pa']);
    expect(await prints('map', stage2, ...there)).toMatch(/0x80000000\.\.0x[0-9a-f]+ -> PA 0x4\d+/);
  });
});

describe('explain', () => {
  test('a syndrome, in words', async () => {
    expect(await prints('explain', '0x5a000007')).toMatch(/^ESR 0x5a000007: EC 0x16, HVC, a hypervisor call\n.*\n/);
    const { fields } = await json<{ fields: { name: string; value: string }[] }>('explain', refused.esr, '--json');
    expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toMatchObject({ EC: '100100', WnR: '1', DFSC: '001111' });
  });
  test('an instant: what comes next and what that does', async () => {
    const instant = await json('explain', stage2, ...there, '--json');
    expect(instant).toMatchObject({ at: refused.n, level: 1, happens: { n: refused.n, type: 'DataAbort', to: 2 } });
    expect(await prints('explain', stage2, ...there)).toMatch(
      /\nnext: str .*\n  0xb9\w+: STR .*\n  imm12  21:10 [^]*\n  Rt .*\n\nwhat this step does:\nDataAbort in step/,
    );
  });
  test('an instant in a handler: the call stack, through the exception to the guest', async () => {
    const text = await prints('explain', stage2, '--at', String(refused.n + 1));
    expect(text).toMatch(
      /\ncall stack:\n#0  el2_vectors at .*, EL2\n#1  \w+ at guest\/\w+\.c:\d+, EL1 of VMID 1, left by Data abort at instant \d+\n/,
    );
  });
  test('an instruction, by its 32 bits, as the app shows it', async () => {
    const asked = await json('explain', 'msr hcr_el2, x0', '--json');
    expect(asked).toMatchObject({ word: '0xd51c1100', name: 'MSR (register)', names: { register: 'HCR_EL2', high: 20, low: 5 } });
    expect(await json('explain', '--instruction', '0xd51c1100', '--json')).toEqual(asked);
    expect(await prints('explain', 'msr hcr_el2, x0')).toMatch(/^msr hcr_el2, x0 .*\n.*\n  o0   19     1      op0 is 3\n/);
    const { encoding } = await json<{ encoding: { word: string; text: string } }>('explain', stage2, ...there, '--json');
    expect(encoding).toMatchObject({ word: '0xb9000274', text: 'str w20, [x19]' });
  });
  test.each([
    [['HCR_EL2=0x80000001'], { RW: '1', VM: '1', TGE: '0' }],
    [['gicd_ctlr=0x10', '--gic', '3'], { ARE: '1' }],
    [['GICC_EOIR=27'], { InterruptID: '0x1b' }],
    [['GICH_LR3=0x1a000c1b'], { State: '01', VirtualID: '0x1b' }],
    [['GICR_WAKER'], { ProcessorSleep: '1', ChildrenAsleep: '1' }],
    [['ICH_LR0_EL2=0x5000000000000007'], { State: '01', vINTID: '0x7' }],
    [['GICC_PMR', stage2, '--at', '0'], { Priority: '00000000' }],
  ])('%s, by field', async (words, fields) => {
    const told = await json<{ fields: { name: string; value: string }[] }>('explain', ...words, '--json');
    expect(Object.fromEntries(told.fields.map(({ name, value }) => [name, value]))).toMatchObject(fields);
  });
  test.each([
    [['GICC_EOIR'], /^elscope explain: GICC_EOIR can only be written \(GICC_EOIR=VALUE/],
    [['GICC_PMR=0x100000000'], /0x100000000 does not fit into GICC_PMR \(it has 32 bits\)/],
    [['GICC_PMR', '--gic', '3'], /no register GICC_PMR \(it is one of a GICv2: --gic 2\)/],
    [['HCR_EL9=1'], /no register HCR_EL9 \(HCR_EL2 or/],
  ])('%s: refused in a sentence', async (words, sentence) => {
    const { code, stderr } = await elscopeHere('explain', ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
  test('refuses more than 32 bits', async () => {
    const { code, stderr } = await elscopeHere('explain', '0x1234567890');
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'elscope explain: 0x1234567890 is not a syndrome (ESR_ELx has 32 bits here)\n' });
  });
});

describe('traps', () => {
  test('as JSONL keep to the form of the contract', () => {
    const exception = ['n', 'kind', 'type', 'from', 'to', 'ec', 'il', 'iss', 'esr', 'far', 'hpfar', 'elr', 'spsr', 'pc', 'vmid', 'why'];
    const keys: Record<string, string[]> = {
      exception,
      return: ['n', 'kind', 'from', 'to', 'pc', 'spsr'],
      psci: ['n', 'kind', 'from', 'function', 'result'],
    };
    for (const line of lines) expect(Object.keys(line)).toEqual(keys[line.kind]);
    expect(new Set(lines.map(({ kind }) => kind))).toEqual(new Set(Object.keys(keys)));
    lines.forEach((line, i) => expect(line.n).toBeGreaterThanOrEqual(lines[i - 1]?.n ?? 0));
  });
  test('as JSON are the same in one document', async () => expect(await json('traps', stage2, '--format', 'json')).toEqual(lines));
  test('as CSV have a row each, all as long as the head', async () => {
    const rows = (await prints('traps', stage2, '--format', 'csv')).trimEnd().split('\r\n').map(cells);
    expect(rows).toHaveLength(lines.length + 1);
    for (const row of rows) expect(row).toHaveLength(rows[0].length);
    expect(rows[1 + lines.indexOf(refused)][rows[0].indexOf('far')]).toBe(refused.far);
  });
  test('as Mermaid are messages between levels, and to the firmware', async () => {
    const [head, ...rest] = (await prints('traps', stage2, '--format', 'mermaid')).trimEnd().split('\n');
    expect(head).toBe('sequenceDiagram');
    const names = rest.flatMap((line) => /^ {2}participant (\w+)( as EL[012]( VM \d+)?)?$/.exec(line)?.[1] ?? []);
    expect(names).toContain('EL2');
    expect(names.at(-1)).toBe('Firmware');
    const messages = rest.slice(names.length);
    expect(messages).toHaveLength(lines.length);
    for (const line of messages) {
      const [, from, to] = /^ {2}(\w+?)(?:->>|-->>)(\w+): [^;#]+$/.exec(line)!;
      expect(names).toEqual(expect.arrayContaining([from, to]));
    }
  });
  test('as Mermaid are cut into numbered parts where one diagram would be refused', async () => {
    const program = openProgram('many.elf', new Uint8Array(readFileSync(stage2)));
    program.timeline.forward(5_000_000);
    const { traps } = program.timeline;
    const repeated = (length: number): ChosenTraps => ({ length, get: (place) => place % traps.length, from: 0, to: 1, isAll: false });
    const text = (length: number): string => [...trapText('mermaid', program, repeated(length))].join('');
    expect(isOneDiagram(text(300))).toBe(true);
    const document = text(2500);
    expect(document).toMatch(/^# .*\n\nIn parts, because /);
    const parts = document.split(/^## Part (\d+): steps \d+ to \d+$/m);
    const diagrams = [...document.matchAll(/^```mermaid\n([^`]*)```$/gm)].map(([, diagram]) => diagram);
    expect(parts.filter((_, i) => i % 2 === 1)).toEqual(diagrams.map((_, i) => String(i + 1)));
    expect(diagrams.join('').match(/->>/g)).toHaveLength(2500);
    for (const diagram of diagrams) {
      expect(isOneDiagram(diagram)).toBe(true);
      expect(diagram.length).toBeLessThan(50_000);
      const known = [...diagram.matchAll(/participant (\w+)/g)].map(([, name]) => name);
      for (const [, from, to] of diagram.matchAll(/^ {2}(\w+?)--?>>(\w+):/gm)) expect(known).toEqual(expect.arrayContaining([from, to]));
    }
  });
  test('as a Perfetto trace cover the whole time without a gap', async () => {
    const { traceEvents } = await json<{ traceEvents: TraceEvent[] }>('traps', stage2, '--format', 'perfetto');
    const slices = traceEvents.filter(({ ph }) => ph === 'X').sort((a, b) => a.ts - b.ts);
    expect(slices[0].ts).toBe(0);
    slices.slice(1).forEach(({ ts }, i) => expect(ts).toBeCloseTo(slices[i].ts + slices[i].dur, 6));
    // Microseconds with no more than three decimals: whole nanoseconds.
    for (const { ts, dur } of slices) for (const time of [ts, dur]) expect(String(time)).toMatch(/^\d+(\.\d{1,3})?$/);
    // Every track is named and has its place; Perfetto keeps thread 0 for itself.
    const tracks = new Set(traceEvents.filter(({ ph }) => ph !== 'M').map(({ pid, tid }) => `${pid} ${tid}`));
    for (const what of ['thread_name', 'thread_sort_index'])
      expect(new Set(traceEvents.filter(({ name }) => name === what).map(({ pid, tid }) => `${pid} ${tid}`))).toEqual(tracks);
    expect(traceEvents.every(({ tid }) => tid > 0)).toBe(true);
    expect(traceEvents.filter(({ ph }) => ph === 'i')).toHaveLength(lines.filter(({ kind }) => kind === 'psci').length);
  });
  test('up to an instant are those before it', async () => {
    expect((await prints('traps', stage2, ...there, '--format', 'jsonl')).split('\n')).toHaveLength(lines.indexOf(refused) + 1);
  });
});

describe('state', () => {
  test('has the registers and the hash', async () => {
    const state = await json<{ x: string[]; v: string[]; system: Record<string, string>; hash: string }>(
      'state',
      stage2,
      ...there,
      '--json',
    );
    expect([state.x.length, state.v.length]).toEqual([31, 32]);
    expect(state).toMatchObject({ at: refused.n, el: 1, fpcr: '0x0', fpsr: '0x0', system: { HCR_EL2: '0x80000001' } });
    const text = await prints('state', stage2, ...there);
    expect(text).toContain(`state hash  ${state.hash}\n`);
    expect(text).toMatch(/^v31 +0x0\nFPCR +0x0\nFPSR +0x0$/m);
  });
});

describe('refuses', () => {
  test.each<[string[], RegExp]>([
    [['walk', stage2], /--va is missing/],
    [['walk', stage2, '--va', 'nowhere'], /"nowhere" is neither an address nor a register or symbol of 04-stage2\.elf/],
    [['walk', stage2, '--va', '0', '--el', '2', '--regime', 'el1'], /--el 2 needs --regime el2/],
    [['levels'], /image or recording is missing|image is missing/],
    [['levels', stage2, '--format', 'gif'], /--format gif: expected one of text, json, svg, png/],
    [['levels', stage2, '--at', '-1'], /--at/],
    [['state', stage2, '--at', '99999999'], /--at 99999999: the run ends at \d+/],
    [['map', 'README.nowhere'], /README\.nowhere: cannot be read/],
    [['explain'], /image is missing/],
  ])('%j', async (given, expected) => {
    const { code, stdout, stderr } = await elscopeHere(...given);
    expect(stderr).toMatch(/^elscope \w+: .*\n$/);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

test('every command of the contract is listed in the help', async () => {
  const help = await prints('--help');
  for (const name of 'run app walk tables map levels traps picture state explain diagnose verify diff gdb bench'.split(' '))
    expect(help).toMatch(new RegExp(`^  ${name} `, 'm'));
});

/** The cells of a line of CSV (RFC 4180). */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}
