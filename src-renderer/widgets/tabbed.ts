import { getContext, setContext } from 'svelte';

const key = Symbol('tabbed');
/** Panels in here share a place as tabs, or do not. Call while a component is set up. */
export const provideTabbed = (tabbed: boolean): void => void setContext(key, tabbed);
/** Whether the panel is a tab beside others: the tab says its title. */
export const isTabbed = (): boolean => getContext<boolean | undefined>(key) ?? false;
