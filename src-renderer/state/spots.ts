/** Where on the screen the things are that a question of a lesson points at. */

const inPanel = (panel: string, part: string): string => `[data-place="${panel}"] ${part}`;
const inTower = (key: string): string => inPanel('levels', `[data-key="${key}"]`);
const inWalk = (key: string): string => inPanel('walk', `[data-key="${key}"]`);
const panel = (name: string): string => `[data-place="${name}"]`;

/** Selectors: the best first. Panels are those of the layout. */
const parts: Readonly<Partial<Record<string, readonly string[]>>> = {
  vectors: [`${inTower('vectors1')}, ${inTower('vectors2')}`, inTower('VBAR_EL2')],
  pstate: [inPanel('levels', '[data-key^="rider"]')],
  el0: [inTower('floor0')],
  el1: [inTower('floor1')],
  el2: [inTower('floor2')],
  transport: ['.transport'],
  now: ['[data-tour="now"]'],
  lanes: ['footer .time'],
  code: [`${panel('code')}, ${panel('nextCode')}`],
  // The sentence at the top names it where no code is in sight.
  instruction: [':is([data-place="code"], [data-place="nextCode"]) tr[aria-current]', '[data-tour="now"]'],
  'walk-address': [inWalk('va')],
  'walk-result': [inWalk('result'), panel('walkResult')],
  tlb: [inWalk('tlb')],
  verdict: [inPanel('interrupts', '[data-key="verdict"]')],
  ...Object.fromEntries([0, 1, 2, 3].map((n) => [`LR${n}`, [inPanel('interrupts', `[data-key="LR${n}"]`)]])),
};

/** `shown`: the panel that the question is beside, which stands for what is not on the screen. */
export function placesOf(spot: string, shown: string): readonly string[] {
  return [...(parts[spot] ?? (/^[a-z]+$/.test(spot) && !isRegister(spot) ? [panel(spot)] : registerPlaces(spot))), panel(shown)];
}
const isRegister = (spot: string): boolean => /^(sp|pc)$/.test(spot);

/** Its field, its row, or the floor of the tower that it belongs to. */
function registerPlaces(spot: string): readonly string[] {
  const [register, field] = spot.split('.');
  const floor = /_EL([012])$/.exec(register)?.[1];
  return [
    ...(field === undefined ? [] : [`[aria-label="Fields of ${register}"] [data-field="${field}"]`]),
    `${inTower(register)}, [data-register="${register}"]`,
    ...(floor === undefined ? [] : [inTower(`floor${floor}`)]),
  ];
}
