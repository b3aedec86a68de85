/**
 * The palette: one value per token and theme. Chrome is neutral; hue belongs to the machine (exception levels, memory kinds, faults).
 * Each level and kind has: solid (fills), -ink (text), -tint (pale fill), -line (outline) and on- (text on solid). Chosen in OKLCH; the
 * tests check contrast of all text pairs (WCAG 2.2, 1.4.3) and that solids stay apart for people who are colour blind.
 */

export const light = {
  bg: '#f3f4f5',
  surface: '#ffffff',
  sunken: '#f7f8f9',
  raised: '#ffffff',
  line: '#e1e4e8',
  /** What is absent or no longer known: lies under text. */
  hatch: '#e1e4e8',
  line2: '#c6cbd1',
  ink: '#14181d',
  ink2: '#454d57',
  ink3: '#656d78',
  mark: '#fff0a8',
  focus: '#14181d',
  sel: '#eceef1',
  onink: '#ffffff',
  el0: '#29a274',
  'el0-ink': '#006243',
  'el0-tint': '#e7f8ef',
  'el0-line': '#9ed6ba',
  'on-el0': '#14181d',
  el1: '#064cab',
  'el1-ink': '#0044a3',
  'el1-tint': '#ebf3ff',
  'el1-line': '#acc9f5',
  'on-el1': '#ffffff',
  el2: '#be5600',
  'el2-ink': '#964400',
  'el2-tint': '#fff0e6',
  'el2-line': '#f6bc9c',
  'on-el2': '#ffffff',
  el3: '#3d4958',
  'el3-ink': '#3d4958',
  'el3-tint': '#f2f4f6',
  'el3-line': '#c2c8cf',
  'on-el3': '#ffffff',
  'm-normal': '#afc1cc',
  'm-normal-ink': '#3d505b',
  'm-normal-tint': '#ecf1f4',
  'm-normal-line': '#6f8490',
  'on-m-normal': '#14181d',
  'm-ro': '#ecdc8e',
  'm-ro-ink': '#625511',
  'm-ro-tint': '#fbf4d2',
  'm-ro-line': '#8c7a1c',
  'on-m-ro': '#14181d',
  'm-exec': '#24a5ab',
  'm-exec-ink': '#005c60',
  'm-exec-tint': '#b8e9eb',
  'm-exec-line': '#0d9298',
  'on-m-exec': '#14181d',
  'm-device': '#9157ca',
  'm-device-ink': '#7334a9',
  'm-device-tint': '#f0e6ff',
  'm-device-line': '#9157ca',
  'on-m-device': '#ffffff',
  'm-fault': '#b61537',
  'm-fault-ink': '#a81032',
  'm-fault-tint': '#ffeaea',
  'm-fault-line': '#b61537',
  'on-m-fault': '#ffffff',
} as const;

export type Token = keyof typeof light;

export const dark: Record<Token, string> = {
  bg: '#0c0e11',
  surface: '#14171b',
  sunken: '#101316',
  raised: '#1b1f24',
  line: '#262b31',
  hatch: '#262b31',
  line2: '#3d444d',
  ink: '#eceef0',
  ink2: '#b3bac3',
  ink3: '#8b939e',
  mark: '#4a4210',
  focus: '#eceef0',
  sel: '#22272d',
  onink: '#0c0e11',
  el0: '#62d8a6',
  'el0-ink': '#7ae3b4',
  'el0-tint': '#0f261c',
  'el0-line': '#2b5744',
  'on-el0': '#14181d',
  el1: '#6ea3f7',
  'el1-ink': '#97bffe',
  'el1-tint': '#142237',
  'el1-line': '#335284',
  'on-el1': '#14181d',
  el2: '#ff9858',
  'el2-ink': '#ffb485',
  'el2-tint': '#301e13',
  'el2-line': '#78472a',
  'on-el2': '#14181d',
  el3: '#8893a2',
  'el3-ink': '#afb8c4',
  'el3-tint': '#1c1e22',
  'el3-line': '#43484e',
  'on-el3': '#14181d',
  'm-normal': '#485b67',
  'm-normal-ink': '#acc1cf',
  'm-normal-tint': '#20262a',
  'm-normal-line': '#6f8490',
  'on-m-normal': '#ffffff',
  'm-ro': '#d0bf68',
  'm-ro-ink': '#e4d590',
  'm-ro-tint': '#363118',
  'm-ro-line': '#d0bf68',
  'on-m-ro': '#14181d',
  'm-exec': '#2eabb2',
  'm-exec-ink': '#78d6db',
  'm-exec-tint': '#064043',
  'm-exec-line': '#2eabb2',
  'on-m-exec': '#14181d',
  'm-device': '#9e66d7',
  'm-device-ink': '#ceacf7',
  'm-device-tint': '#36244a',
  'm-device-line': '#a56cde',
  'on-m-device': '#14181d',
  'm-fault': '#fe6270',
  'm-fault-ink': '#ff9da0',
  'm-fault-tint': '#45181b',
  'm-fault-line': '#fe6270',
  'on-m-fault': '#14181d',
};

/**
 * Where the system chooses the colours (Windows, high contrast): its names for them (CSS Color 4, "System Colors"). Levels keep their names
 * and a colour each, kinds of memory their patterns; what is selected is inverted, or has its bar and its frame.
 */
export const forced: Record<Token, string> = {
  bg: 'Canvas',
  surface: 'Canvas',
  sunken: 'Canvas',
  raised: 'Canvas',
  line: 'CanvasText',
  hatch: 'color-mix(in srgb, GrayText 40%, Canvas)',
  line2: 'CanvasText',
  ink: 'CanvasText',
  ink2: 'CanvasText',
  ink3: 'CanvasText',
  mark: 'color-mix(in srgb, Highlight 40%, Canvas)',
  focus: 'Highlight',
  sel: 'color-mix(in srgb, Highlight 25%, Canvas)',
  onink: 'Canvas',
  ...levelOf('el0', 'GrayText'),
  ...levelOf('el1', 'LinkText'),
  ...levelOf('el2', 'CanvasText'),
  ...levelOf('el3', 'GrayText'),
  ...kindOf('m-normal', 'Canvas', 'CanvasText'),
  ...kindOf('m-ro', 'Canvas', 'CanvasText'),
  ...kindOf('m-exec', 'GrayText', 'Canvas'),
  ...kindOf('m-device', 'CanvasText', 'Canvas'),
  ...kindOf('m-fault', 'CanvasText', 'Canvas'),
};
type Shades<Name extends string> = Record<Name | `${Name}-ink` | `${Name}-tint` | `${Name}-line` | `on-${Name}`, string>;
function levelOf<Name extends string>(name: Name, solid: string): Shades<Name> {
  return { ...kindOf(name, solid, 'Canvas'), [`${name}-line`]: solid };
}
function kindOf<Name extends string>(name: Name, solid: string, on: string): Shades<Name> {
  const set = { '': solid, ink: 'CanvasText', tint: 'Canvas', line: 'CanvasText' };
  const named = Object.entries(set).map(([part, colour]) => [part === '' ? name : `${name}-${part}`, colour]);
  return { ...Object.fromEntries(named), [`on-${name}`]: on } as Shades<Name>;
}

/** For those who ask for more contrast: what stands back does not, and lines are strong. */
export const strong = (tokens: Record<Token, string>): Record<Token, string> => ({
  ...tokens,
  ink2: tokens.ink,
  ink3: tokens.ink2,
  line: tokens.line2,
  hatch: tokens.line2,
  line2: tokens.ink3,
});

/** Lifts what floats (toast, palette, menu); nothing else has a shadow. */
const shadow = {
  light: '0 1px 2px rgb(16 24 32 / .06), 0 8px 24px rgb(16 24 32 / .10)',
  dark: '0 1px 2px rgb(0 0 0 / .5), 0 8px 24px rgb(0 0 0 / .5)',
};

const declarations = (theme: 'light' | 'dark', tokens: Record<Token, string>): string =>
  [`color-scheme:${theme}`, `--shadow:${shadow[theme]}`, ...Object.entries(tokens).map(([name, value]) => `--${name}:${value}`)].join(';');

const rules = (choose: (tokens: Record<Token, string>) => Record<Token, string>): string =>
  `:root{${declarations('light', choose(light))}}:root[data-theme=dark]{${declarations('dark', choose(dark))}}`;

/** Both themes as custom properties; `data-theme` on the root element chooses, unless the system does. */
export const paletteCss = (): string =>
  [
    rules((tokens) => tokens),
    `@media (prefers-contrast: more){${rules(strong)}}`,
    // Every colour is one of these: nothing needs to be forced beside them.
    `@media (forced-colors: active){${rules(() => forced)}:root{forced-color-adjust:none}}`,
  ].join('');
