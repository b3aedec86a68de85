/** A walk as text for a terminal: one line a read, stage-2 reads indented under the fetch that they served. */
import { fieldText } from '../base/field-text.ts';
import type { Permissions, Walk, WalkStep } from '../mmu/walk-types.ts';

export function walkText(walk: Walk, noTlb?: string): string {
  const { va, regime, el, access, at, reads, result, tlb } = walk;
  const verb = { r: 'read', w: 'write', x: 'fetch' }[access];
  const lines = [`${verb} of VA ${va} at EL${el}, regime ${regime === 'el2' ? 'EL2' : 'EL1&0'}, instant ${at}`];
  lines.push(...notes(walk).map((note) => `  ${note}`));
  lines.push(...walk.steps.flatMap((step) => stepLines(step, '  ')));
  lines.push(`${reads} memory read${reads === 1 ? '' : 's'}`);
  if (result.ok) {
    lines.push(`PA ${result.pa}${result.ipa === null ? '' : ` (IPA ${result.ipa})`}, ${result.attributes.text}`);
    if (result.attributes.note) lines.push(`  ${result.attributes.note}`);
    lines.push(`allowed: ${allowed(result.permissions)}`);
  } else {
    lines.push(`fault: ${result.text}`);
    lines.push(`  ${result.decidedBy.text}`);
    lines.push(
      `taken to EL${result.takenTo}: ESR ${result.esr}, FAR ${result.far}${result.hpfar === null ? '' : `, HPFAR ${result.hpfar}`}`,
    );
    if (result.hpfarNote) lines.push(`  ${result.hpfarNote}`);
  }
  lines.push(`TLB: ${noTlb ?? (!tlb.hit ? 'miss' : tlb.stale ? `hit, stale: ${tlb.difference}` : 'hit')}`);
  return lines.join('\n');
}

function stepLines(step: WalkStep, indent: string): string[] {
  const number = step.read === undefined ? '   ' : String(step.read).padStart(3);
  const where =
    step.pa === null || step.pa === step.descriptorAddress ? step.descriptorAddress : `${step.descriptorAddress} (PA ${step.pa})`;
  const line = `${indent}${number}  stage ${step.stage} level ${step.level} [${step.index}] at ${where}: ${step.value ?? 'not read'}  ${step.verdict}`;
  const notes = Object.entries(step.fields).flatMap(([name, field]) =>
    field.note ? [`${indent}     ${name} = ${field.value}: ${fieldText(field)}`] : [],
  );
  return [...(step.steps ?? []).flatMap((nested) => stepLines(nested, `${indent}  `)), line, ...notes];
}

/** What of the base registers is not used as it is written. */
const notes = ({ stages: { stage1, stage2 } }: Walk): readonly string[] => [...(stage1.root?.notes ?? []), ...(stage2?.root?.notes ?? [])];

function allowed({ r, w, x }: Permissions): string {
  return (['0', '1', '2'] as const)
    .filter((el) => r[el] !== undefined)
    .map((el) => `EL${el} ${r[el] ? 'r' : '-'}${w[el] ? 'w' : '-'}${x[el] ? 'x' : '-'}`)
    .join(', ');
}
