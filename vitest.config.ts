import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: tests that start QEMU or Chromium say their own, longer limits.
    testTimeout: 30_000,
  },
});
