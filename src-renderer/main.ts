import { mount } from 'svelte';
import AppFrame from './App.svelte';
import { onLink, onMenu, openSession } from './connect/index.ts';
import { sceneCss } from './geometry/style.ts';
import './theme/fonts.css';
import './theme/app.css';
import { paletteCss } from './theme/palette.ts';

// The palette and the look of scenes, before the first paint: from the same tables as exported pictures.
const style = document.createElement('style');
style.textContent = `${paletteCss()}\n${sceneCss()}`;
document.head.prepend(style);

const target = document.querySelector('#app')!;
try {
  mount(AppFrame, { target, props: { client: await openSession(), onMenu, onLink } });
} catch (error) {
  target.textContent = error instanceof Error ? error.message : String(error);
}
