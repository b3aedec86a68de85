import { mount } from 'svelte';
import AppFrame from './App.svelte';
import { onMenu, openSession } from './connect/index.ts';
import './theme/fonts.css';
import './theme/app.css';
import { installTheme } from './theme/install.ts';

installTheme();
const target = document.querySelector('#app')!;
try {
  mount(AppFrame, { target, props: { client: await openSession(), onMenu } });
} catch (error) {
  target.textContent = error instanceof Error ? error.message : String(error);
}
