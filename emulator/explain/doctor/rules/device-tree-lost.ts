import { hex } from '../../../base/hex.ts';
import { PA } from '../../../base/addresses.ts';
import type { Rule } from '../rule.ts';

/** Where QEMU puts the device tree of an ELF program, if nothing is there; its magic number, big-endian, and the bytes of its header. */
const [TREE, MAGIC, HEADER] = [0x4000_0000, 0xedfe_0dd0, 40];

/** The device tree lies at the start of RAM, unless the program does; of a Linux Image its address is in X0 (Linux, booting.rst). */
export const deviceTreeLost: Rule = {
  id: 'P37',
  kind: 'broken',
  title: 'The device tree is not there',
  looksAt: 'reads of the start of RAM as a device tree, what lies there, and stores to it before',
  find(exam) {
    const { history, machine } = exam;
    const read = history.treeReads.at(0);
    if (!read) return [];
    const wasThere = exam.look(0, 'magic number of the device tree', () => machine.peekWord(PA(TREE)) === MAGIC);
    const store = history.stores.find(({ n, pa }) => n < read.n && pa >= TREE && pa < TREE + HEADER);
    if (wasThere && !store) return [];
    return [
      {
        kind: exam.isStuck && exam.root === undefined ? 'broken' : 'suspicious',
        title: wasThere ? 'The device tree was overwritten' : 'The program lies where the device tree would be',
        sentence: wasThere
          ? `The code at ${exam.name(store!.pc)} writes to ${hex(store!.pa)}, into the device tree at the start of RAM, before ${exam.name(read.pc)} reads it.`
          : `The code at ${exam.name(read.pc)} looks for a device tree at ${hex(TREE)}, the start of RAM, but the program itself is loaded there, so QEMU puts none.`,
        fix: wasThere
          ? 'Read the device tree, or copy it, before that memory is used.'
          : 'Link the program to a higher address, such as 0x40080000, with nothing at the start of RAM.',
        pc: wasThere ? store!.pc : read.pc,
        at: wasThere ? store!.n : read.n,
        evidence: [
          exam.step(read.n, read.pc, `reads ${hex(read.pa)}`),
          ...(store ? [exam.step(store.n, store.pc, `writes ${hex(store.after)} to ${hex(store.pa)}`, { value: hex(store.after) })] : []),
          { text: wasThere ? 'a device tree was there at the start' : 'there was no device tree at the start', address: hex(TREE), at: 0 },
        ],
        links: [{ panel: 'memory', subject: hex(TREE) }],
      },
    ];
  },
};
