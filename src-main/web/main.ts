/** Entry of out/main/web.js: the web shell on the built page. */
import { exitCodeOf } from '../exit.ts';
import { paths } from '../paths.ts';
import { runWebApp } from './app.ts';
import { pageFiles } from './page-files.ts';

process.exitCode = await exitCodeOf('elscope', () => runWebApp(process.argv.slice(2), { page: () => pageFiles(paths.page) }));
