import { openSession } from './connect/index.ts';

const client = await openSession();
document.querySelector('#app')!.textContent = `ELscope, ${await client.ready}`;
