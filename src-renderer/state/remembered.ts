/** Choices that stay from one visit to the next. A browser may refuse storage: then they last as long as the page. */

const prefix = 'elscope.';

export function recall<T>(name: string, fallback: T, isValid: (value: unknown) => value is T): T {
  try {
    const text = localStorage.getItem(prefix + name);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return isValid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Nothing to do: the choice still holds for this visit.
  }
}

export const oneOf =
  <const T extends readonly unknown[]>(...choices: T) =>
  (value: unknown): value is T[number] =>
    choices.includes(value);
