/** The pictures that the window can show, in the order of their keys Alt+1 to Alt+0. */
export const tabs = ['levels', 'walk', 'tables', 'maps', 'traps', 'code', 'registers', 'memory'] as const;
export type Tab = (typeof tabs)[number];
export const tabTitles: Readonly<Record<Tab, string>> = {
  levels: 'Levels',
  walk: 'Walk',
  tables: 'Tables',
  maps: 'Maps',
  traps: 'Traps',
  code: 'Code',
  registers: 'Registers',
  memory: 'Memory',
};
