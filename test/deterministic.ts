/** `npm test` draws the same random cases each time, so that a change that fails is the cause; `npm run prove` draws others each time. */
import * as fc from 'fast-check';

if (!process.env['PROVE']) fc.configureGlobal({ seed: 0x0a53 });
