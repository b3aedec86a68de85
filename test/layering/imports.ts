/** What each source file imports: statically, dynamically, as a type or as a re-export. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';
import ts from 'typescript';

/** Both as paths from the project's root with `/`, except that a package is its bare name ("svelte", "node:fs"). */
export interface Import {
  readonly from: string;
  readonly to: string;
}

export const root = resolve(import.meta.dirname, '../..');

export function importsOfFolder(folder: string): Import[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte|js|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .flatMap((file) => importsOfFile(file, readFileSync(join(root, file), 'utf8')));
}

export function importsOfFile(file: string, text: string): Import[] {
  const code = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
    : text;
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => ({ from: file, to: target(file, fileName) }));
}

function target(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return normalize(join(dirname(file), specifier)).replaceAll('\\', '/');
}
