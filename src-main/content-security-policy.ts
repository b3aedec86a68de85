/**
 * What the page may load, in every shell: its own files, and the WebSocket of the server that it came from. Inline styles stay allowed for
 * xterm.js alone: its DOM renderer and its scrollbar make `<style>` elements with the sizes and colours of the terminal
 * (`DomRenderer._injectCss`, `Viewport`) and take no nonce, and a cell in a colour of 24 bits gets a `style` attribute
 * (`DomRendererRowFactory._addStyle`). CodeMirror would take a nonce, and Svelte sets styles through the CSSOM, which no policy forbids. A
 * style can fetch nothing that `img-src` and `font-src` do not allow. The machine, which generates WebAssembly, never runs in the page itself, but in a worker or in
 * another process: the page may not.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** What every answer with a part of the page says, where a shell of ours gives it. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `${contentSecurityPolicy}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
};
