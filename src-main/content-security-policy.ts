/**
 * What the page may load, in every shell: its own files, and the WebSocket of the server that it came from. Inline styles are needed by
 * xterm and by Svelte's style attributes. The machine, which generates WebAssembly, never runs in the page itself, but in a worker or in
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
