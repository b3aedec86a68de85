/**
 * What the page may load, in every shell: its own files and the machine's WebSocket on this computer, nothing from elsewhere.
 * Inline styles are needed by xterm and by Svelte's style attributes; 'wasm-unsafe-eval' by the machine, which generates WebAssembly.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' ws://127.0.0.1:*",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
