/** The lessons that come with the app, with their programs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLesson, type Lesson } from '../../emulator/lessons/format.ts';
import type { World } from '../../emulator/lessons/world.ts';
import { lessonWorlds } from '../../emulator/session/lesson-world.ts';

const firmware = join(import.meta.dirname, '../../firmware');
const folder = join(firmware, 'lessons');

export const lessonFiles = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort();
export const lessonText = (file: string): string => readFileSync(join(folder, file), 'utf8');
export const bundledLesson = (file: string): Lesson => parseLesson(file, lessonText(file));
/** Each program is run once, for all lessons. */
const known = new Map<string, World>();
export const worldsOf = (lesson: Lesson): Promise<(question: number) => World> =>
  lessonWorlds(lesson, (name) => Promise.resolve(new Uint8Array(readFileSync(join(firmware, 'prebuilt', name)))), known);
