import { main } from '../src-main/cli/command-line.ts';
process.exitCode = await main(process.argv.slice(2));
