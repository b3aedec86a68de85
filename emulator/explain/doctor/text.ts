/** A diagnosis as text for a terminal. */
import { count } from '../words.ts';
import type { Diagnosis, Evidence, Finding } from './finding.ts';

export function diagnosisText({ findings, standing, looked }: Diagnosis): string {
  const nothing = findings.some(({ kind }) => kind === 'broken') ? [] : ['Nothing is broken, as far as the Doctor can tell.'];
  const rest =
    looked.until < looked.end
      ? [`Only the first ${count(looked.until, 'instruction')} of the run were looked at one by one; --all looks at the others too.`]
      : [];
  return [standing, ...nothing, ...rest, ...findings.flatMap((finding) => ['', ...findingText(finding)])].join('\n');
}

export function findingText(finding: Finding): string[] {
  const { id, kind, title, sentence, fix, patch = [], evidence } = finding;
  return [
    `${kind}: ${title} (${id})`,
    `  ${sentence}`,
    `  Fix: ${fix}`,
    ...patch.map((line) => `    ${line}`),
    ...evidence.map((one) => `    ${evidenceText(one)}`),
  ];
}

/** In one line: for whoever runs a program and did not ask. */
export const findingLine = ({ id, sentence, fix }: Finding): string => `${sentence} ${fix} (${id})`;

function evidenceText({ at, text, instruction, address, descriptorAddress, source }: Evidence): string {
  const where = [address ?? descriptorAddress, source].filter(Boolean).join(' ');
  return [(at === undefined ? (/^no\b/.test(text) ? 'never' : '') : String(at)).padStart(9), text, instruction, where]
    .filter(Boolean)
    .join('  ');
}
