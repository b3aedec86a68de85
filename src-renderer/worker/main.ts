/** Entry of the page's own worker: the machine in the browser, for a page on a static server. */
import {
  demoPace,
  keepsNothing,
  labsOf,
  messagePort,
  nowhere,
  serveSession,
  type SessionHost,
  type SessionOptions,
} from '../../emulator/index.ts';
import labs from '../../firmware/labs/labs.json';
import scenarios from '../../firmware/scenarios.json';
import { KeptRuns } from './kept-runs.ts';

const worker = globalThis as unknown as DedicatedWorkerGlobalScope;

const port = messagePort({ postMessage: (message) => worker.postMessage(message), close: () => worker.close() }, (receive) => {
  worker.onmessage = ({ data }) => receive(data);
});

/** Addresses of the images, and the texts of their sources, by path in the firmware's folder. Each is fetched when it is asked for. */
const firmware = '../../firmware/';
const images = import.meta.glob<string>(['../../firmware/prebuilt/*.elf', '../../firmware/prebuilt/labs/P??.elf'], {
  query: '?url',
  import: 'default',
  eager: true,
});
const lessons = import.meta.glob<string>('../../firmware/lessons/*.yaml', { query: '?raw', import: 'default' });
const sources = import.meta.glob<string>('../../firmware/**/*.{c,h,S}', { query: '?raw', import: 'default' });

async function scenarioImage(file: string): Promise<Uint8Array> {
  const url = images[`${firmware}prebuilt/${file}`];
  const response = url === undefined ? undefined : await fetch(url).catch(() => undefined);
  if (!response?.ok) throw new Error(`the server does not have ${file}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Only a page that came over a safe connection, or from this computer, may keep anything. */
const kept = 'locks' in navigator ? new KeptRuns((sentence) => void session.then((one) => one.tell(sentence))) : undefined;

const host: SessionHost = {
  scenarios: scenarios.map(({ id, file, title, sentence }) => ({ id, file, title, sentence })),
  scenarioImage,
  bundledSource: async (name) => sources[`${firmware}${name}`]?.(),
  teaching: async () => ({
    lessons: await Promise.all(
      Object.entries(lessons).map(async ([path, text]) => ({ name: path.split('/').at(-1)!, text: await text() })),
    ),
    labs: labsOf(labs),
  }),
  sourceText: ({ path }) => Promise.resolve(nowhere(path)),
  ...keepsNothing,
  ...(kept && {
    keptRun: () => kept.keptRun(),
    keptRecording: (id) => kept.keptRecording(id),
    discardKept: (id) => kept.discardKept(id),
  }),
};
const session = demoImage().then((image) =>
  serveSession(port, { shell: 'static', host, ...(kept && { journal: (entry) => kept.write(entry) }), ...image }),
);

/** Without the demo (the server does not have it) the session starts empty. */
async function demoImage(): Promise<Partial<SessionOptions>> {
  const name = 'hypervisor.elf';
  const bytes = await scenarioImage(name).catch(() => undefined);
  return bytes ? { image: { name, bytes, stepsPerSecond: demoPace } } : {};
}
