import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// For looking at screens on fixtures, without a machine: npx vite --config test/renderer/harness/vite.config.ts
const root = resolve(import.meta.dirname, '../../..');
export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte({ configFile: resolve(root, 'svelte.config.js') })],
  server: { fs: { allow: [root] }, port: 5199, strictPort: true },
});
