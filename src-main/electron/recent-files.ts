/** The files opened last, for the menu. Kept in a small file; if it is lost or damaged, only the list is lost. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '../saved-file.ts';

const most = 8;

export class RecentFiles {
  private files: readonly string[];

  constructor(private readonly store: string) {
    this.files = readList(store);
  }

  /** Absolute paths, the last one first. */
  get list(): readonly string[] {
    return this.files;
  }
  add(path: string): void {
    const full = resolve(path);
    this.save([full, ...this.files.filter((file) => file !== full)].slice(0, most));
  }
  clear(): void {
    this.save([]);
  }

  private save(files: readonly string[]): void {
    this.files = files;
    try {
      mkdirSync(dirname(this.store), { recursive: true });
      replaceFile(this.store, JSON.stringify(files));
    } catch (error) {
      console.error(`The list of recent files could not be saved: ${String(error)}`);
    }
  }
}

function readList(store: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(readFileSync(store, 'utf8'));
    return Array.isArray(list) ? list.filter((file) => typeof file === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}
