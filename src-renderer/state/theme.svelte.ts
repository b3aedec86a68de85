/** Light or dark: what the system prefers, until the person chooses. */
import { MediaQuery } from 'svelte/reactivity';
import { oneOf, recall, remember } from './remembered.ts';

export type Theme = 'light' | 'dark';

export class ThemeChoice {
  private readonly systemDark = new MediaQuery('(prefers-color-scheme: dark)');
  private chosen = $state<Theme | 'system'>(recall('theme', 'system', oneOf('light', 'dark', 'system')));
  readonly current: Theme = $derived(this.chosen === 'system' ? (this.systemDark.current ? 'dark' : 'light') : this.chosen);

  toggle(): void {
    this.chosen = this.current === 'dark' ? 'light' : 'dark';
    remember('theme', this.chosen);
  }

  /** Puts the theme on the root element. A change of theme is not animated. */
  apply(theme: Theme): void {
    const root = document.documentElement;
    root.classList.add('still');
    root.dataset['theme'] = theme;
    setTimeout(() => root.classList.remove('still'), 60);
  }
}
