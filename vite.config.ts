import { writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { licenceTexts, notePackages } from './scripts/licences.ts';
import { contentSecurityPolicy } from './src-main/content-security-policy.ts';

const at = (path: string): string => resolve(import.meta.dirname, path);
/** A slow build is not a warning: on a busy computer every build is slow. */
const checks = { pluginTimings: false };
const node = [/^node:/, ...builtinModules];

/** Writes the policy into the page itself, so that it holds in every shell: a file in Electron, any static server. */
const policyInPage: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy }, injectTo: 'head-prepend' },
  ],
};

// One `vite build --app` makes everything: the page (client), the shells (main: Node, ESM, everything bundled) and the preload script.
export default defineConfig({
  root: at('src-renderer'),
  // Relative addresses: the page also lies in folders of static servers and opens as a file.
  base: './',
  plugins: [svelte({ configFile: false }), policyInPage, notePackages],
  worker: { format: 'es', rolldownOptions: { checks } },
  // The program that the static page shows is a file of its own.
  assetsInclude: ['**/*.elf'],
  build: {
    outDir: at('out/renderer'),
    emptyOutDir: true,
    target: 'chrome140',
    chunkSizeWarningLimit: 2000,
    sourcemap: true,
    rolldownOptions: { checks },
  },
  environments: {
    main: {
      consumer: 'server',
      resolve: { noExternal: true, external: ['electron', '@resvg/resvg-js'], builtins: [...node, 'electron'] },
      build: {
        outDir: at('out/main'),
        emptyOutDir: true,
        target: 'node20',
        ssr: true,
        minify: false,
        sourcemap: true,
        rolldownOptions: {
          checks,
          platform: 'node',
          // Native code cannot be bundled: resvg draws PNGs for the command line; the others are optional helpers of `ws`.
          external: ['electron', '@resvg/resvg-js', 'bufferutil', 'utf-8-validate'],
          input: {
            main: at('src-main/electron/main.ts'),
            web: at('src-main/web/main.ts'),
            worker: at('src-main/worker.ts'),
            grader: at('src-main/grader.ts'),
            elscope: at('src-main/cli/main.ts'),
          },
          // All in one folder: code finds the files beside it by `import.meta.url`.
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true, external: ['electron'], builtins: ['electron'] },
      build: {
        outDir: at('out/preload'),
        emptyOutDir: true,
        ssr: true,
        minify: false,
        rolldownOptions: {
          checks,
          external: ['electron'],
          input: { preload: at('src-main/electron/preload.ts') },
          // Electron's sandbox takes a preload script only as one CommonJS file.
          output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
        },
      },
    },
  },
  builder: {
    sharedConfigBuild: true,
    async buildApp(builder) {
      for (const name of ['client', 'main', 'preload']) await builder.build(builder.environments[name]);
      writeFileSync(at('out/renderer/licences.txt'), licenceTexts());
    },
  },
});
