import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cells, findNode, node, property, readFdt, strings, writeFdt, type DeviceTree, type FdtNode } from '../../emulator/machine/fdt.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9,._+-]{0,12}$/);
const properties = fc.uniqueArray(fc.record({ name, value: fc.uint8Array({ maxLength: 20 }) }), { selector: (p) => p.name, maxLength: 5 });
const treeOf = (depth: number): fc.Arbitrary<FdtNode> =>
  fc.record({
    name,
    properties,
    children: depth === 0 ? fc.constant([]) : fc.uniqueArray(treeOf(depth - 1), { selector: (child) => child.name, maxLength: 3 }),
  });
const trees: fc.Arbitrary<DeviceTree> = fc.record({
  root: treeOf(4).map((root) => ({ ...root, name: '' })),
  reservations: fc.array(fc.record({ address: fc.bigInt({ min: 1n, max: 1n << 40n }), bytes: fc.bigInt({ min: 1n, max: 1n << 30n }) }), {
    maxLength: 3,
  }),
  bootCpu: fc.nat(7),
});

describe('flattened device trees', () => {
  it('read as they were written', () => {
    fc.assert(fc.property(trees, (wanted) => void expect(readFdt(writeFdt(wanted), 'x')).toEqual(wanted)));
    fc.assert(
      fc.property(
        trees,
        (wanted) => void expect(readFdt(writeFdt(wanted, { totalBytes: 1 << 16, nameOrder: ['reg', 'a'] }), 'x')).toEqual(wanted),
      ),
    );
    expect(() => writeFdt({ root: node('', []), reservations: [], bootCpu: 0 }, { totalBytes: 10 })).toThrow(RangeError);
  });

  it('are what dtc writes and reads', () => {
    const source = '/dts-v1/; /memreserve/ 0x1000 0x20; / { a = <1 2>; b = "x", "y"; c; child@1 { d = [01 02 03]; grand { }; }; };';
    const theirs = execFileSync('dtc', ['-I', 'dts', '-O', 'dtb'], { input: source, stdio: 'pipe' });
    const wanted: DeviceTree = {
      root: node(
        '',
        [property('a', cells(1, 2)), property('b', strings('x', 'y')), property('c')],
        [node('child@1', [property('d', Uint8Array.of(1, 2, 3))], [node('grand', [])])],
      ),
      reservations: [{ address: 0x1000n, bytes: 0x20n }],
      bootCpu: 0,
    };
    expect(readFdt(theirs, 'dtc')).toEqual(wanted);
    const back = execFileSync('dtc', ['-I', 'dtb', '-O', 'dtb'], { input: writeFdt(wanted), stdio: 'pipe' });
    expect(readFdt(back, 'dtc')).toEqual(wanted);
    expect(findNode(wanted, '/child@1/grand')?.name).toBe('grand');
  });

  it('nested without end are refused', () => {
    const deep = Array.from({ length: 100 }).reduce<FdtNode>((child) => node('n', [], [child]), node('n', []));
    expect(() => readFdt(writeFdt({ root: { ...deep, name: '' }, reservations: [], bootCpu: 0 }), 'x')).toThrow('deep');
  });
});
