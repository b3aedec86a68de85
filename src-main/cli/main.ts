#!/usr/bin/env node
/** Entry of out/main/elscope.js: the command line. */
import { main } from './command-line.ts';
import { stdoutFailed } from './ending.ts';

process.stdout.on('error', stdoutFailed);
// Nobody is left who could be told.
process.stderr.on('error', () => {});

process.exitCode = await main(process.argv.slice(2));
// Whom a signal ended does not wait for a reader of stdout that may never read on.
if (process.exitCode > 128) process.exit();
