/** The licence texts of the packages whose code or fonts are in the bundles: a plugin of vite's that notes them, and their texts in one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Folders of packages that a build took something from. */
const folders = new Set<string>();

export const notePackages: Plugin = {
  name: 'licences',
  apply: 'build',
  generateBundle() {
    for (const id of this.getModuleIds()) {
      const [, folder] = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/?]+)\//.exec(id) ?? [];
      if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
    }
  },
};

/** The texts, by name of the package. Throws for a package that comes without one. */
export function licenceTexts(): string {
  const packages = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    if (files.length === 0) throw new Error(`the package ${name} has no file with its licence, which must be shipped with it`);
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    const title = `${name} ${version}${license === undefined ? '' : ` (${license})`}`;
    return { name, text: [title, ...texts].join('\n\n') };
  });
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  return `ELscope contains parts of these packages.${line}${packages.map(({ text }) => text).join(line)}\n`;
}
