/** Puts the palette and the look of scenes on the page: both are made from the same tables as exported pictures. */
import { sceneCss } from '../geometry/style.ts';
import { paletteCss } from './palette.ts';

export function installTheme(): void {
  const style = document.createElement('style');
  style.textContent = `${paletteCss()}\n${sceneCss()}`;
  document.head.prepend(style);
}
