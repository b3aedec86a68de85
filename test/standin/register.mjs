// Makes `import ... from 'electron'` find the stand-in; nothing else changes.
import { register } from 'node:module';

const standIn = JSON.stringify(new URL('./electron.ts', import.meta.url).href);
const hooks = `export const resolve = (name, context, next) =>
  name === 'electron' || name === 'electron/main' ? { url: ${standIn}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
