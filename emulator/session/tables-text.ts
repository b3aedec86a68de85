/** What is looked at of page tables as text for a terminal: the entries that match or have changed, and who reaches a physical address. */
import { hex } from '../base/hex.ts';
import type { Hex, OutlineRow, ReachView, TableChange, TableOutline, TablesView } from './views.ts';

/** The last address of `size` bytes. */
export const lastByte = (base: Hex, size: number): Hex => hex(BigInt(base) + BigInt(size) - 1n);
const indices = (index: number, count: number): string => (count === 1 ? `[${index}]` : `[${index}..${index + count - 1}]`);

export const tablesText = (tables: readonly TablesView[]): string =>
  tables.map(tablesViewText).join('\n\n') || 'no stage translates: every MMU is off';

function tablesViewText(view: TablesView): string {
  const { register, vmid, stage, matches, changes, root } = view;
  const whose = vmid === null ? '' : `, VMID ${vmid}`;
  return [
    `${register}${whose}, stage ${stage}, instant ${view.at}: ${view.sentence}`,
    ...(matches === null ? [] : [`${matches} entries match`]),
    ...(changes ? [changes.sentence, ...changes.list.map(changeText)] : root ? tableLines(root, '  ') : []),
  ].join('\n');
}

function tableLines(table: TableOutline, indent: string): string[] {
  const { level, address, pa, entries, problem } = table;
  const where = pa === null || pa === address ? address : `${address} (PA ${pa})`;
  const rows = table.rows.flatMap((row) => {
    // What is not mapped is most of a table, and says nothing; what does not match was not asked for.
    if (row.kind === 'other' || (row.kind === 'invalid' && row.count > 1)) return [];
    return [rowText(level, row, `${indent}  `), ...(row.table ? tableLines(row.table, `${indent}    `) : [])];
  });
  return [`${indent}level ${level} table at ${where}, ${entries} entries${problem ? `: ${problem}` : ''}`, ...rows];
}

function rowText(level: number, row: OutlineRow, indent: string): string {
  const { index, count, kind, input, size, output, value, leaf, name } = row;
  const leads = output === undefined || kind === 'table' ? '' : ` -> ${output}`;
  const rights = Object.entries(leaf?.permissions ?? {}).map(([el, text]) => `EL${el} ${text}`);
  const said = leaf ? [rights.join(' '), leaf.memory, leaf.notGlobal ? 'nG' : '', leaf.refused ? `refused: ${leaf.refused}` : ''] : [];
  const words = [`${input}..${lastByte(input, size)}${leads}`, value, ...said, name].filter(Boolean);
  return `${indent}level ${level} ${indices(index, count)} ${kind}  ${words.join('  ')}`;
}

function changeText({ kind, level, index, count, input, before, after }: TableChange): string {
  const then = kind === 'added' ? '' : `  was ${before.value} (${before.verdict})`;
  const now = kind === 'removed' ? '' : `  is ${after.value} (${after.verdict})`;
  return `  ${kind.padEnd(7)}  level ${level} ${indices(index, count)}  ${input}${then}${now}`;
}

export function reachText({ at, pa, name, spaces }: ReachView): string {
  const lines = spaces.flatMap(({ title, vas, ipas, isCut }) => {
    const nowhere = ipas?.length ? `  no VA; IPA ${ipas.join(', ')}` : '  does not reach it';
    const found = vas.map(({ va, ipa, permissions }) => {
      const rights = permissions ? Object.entries(permissions).map(([el, text]) => `EL${el} ${text}`) : ['faults'];
      return `  VA ${va}${ipa === null ? '' : ` -> IPA ${ipa}`}  ${rights.join(' ')}`;
    });
    return [title, ...(found.length ? found : [nowhere]), ...(isCut ? ['  and more'] : [])];
  });
  return [`PA ${pa} (${name ?? 'nothing responds there'}), instant ${at}`, ...lines].join('\n');
}
