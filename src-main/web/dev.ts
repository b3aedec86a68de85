/** Entry of `npm run dev`, run from the sources: the web shell, with vite serving the page and replacing what changes in it. */
import { join } from 'node:path';
import { createServer } from 'vite';
import { exitCodeOf } from '../exit.ts';
import { paths } from '../paths.ts';
import { runWebApp } from './app.ts';
import { markWebShell } from './page-files.ts';

process.exitCode = await exitCodeOf('elscope', () =>
  runWebApp(process.argv.slice(2), {
    hotReload: true,
    async page(server) {
      const vite = await createServer({
        configFile: join(paths.root, 'vite.config.ts'),
        server: { middlewareMode: true, hmr: { server } },
        plugins: [{ name: 'web-shell', transformIndexHtml: markWebShell }],
      });
      server.on('close', () => void vite.close());
      return vite.middlewares;
    },
  }),
);
