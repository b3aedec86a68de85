#!/usr/bin/env node
/** Entry of out/main/elscope.js: the command line. */
import { exitCode } from '../exit.ts';
import { main } from './command-line.ts';

// A reader such as `head` that has seen enough ends us, without an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.done);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
