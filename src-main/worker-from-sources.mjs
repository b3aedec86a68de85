// Entry of the session thread in development: tsx, which reads TypeScript, does not reach into threads by itself.
import { tsImport } from 'tsx/esm/api';

await tsImport('./worker.ts', import.meta.url);
