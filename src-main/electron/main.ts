/** Entry of out/main/main.js: Electron's main process. Thin: the session runs in a thread, the page in Chromium's sandbox. */
import { app, dialog, Menu, session } from 'electron';
import { extname, join, resolve } from 'node:path';
import { isLinkAddress, linkScheme, textOfAddress } from '../../emulator/index.ts';
import { appArguments, firstProgram, type AppArguments } from '../app-arguments.ts';
import { isCommand, main as commandLine } from '../cli/command-line.ts';
import { KeptRuns } from '../kept-runs.ts';
import { readProgramFile, watchProgramFile } from '../program-file.ts';
import { prepareThread } from '../session-thread.ts';
import { menuTemplate, type MenuHandlers } from './menu.ts';
import { keepToThePage, refusePermissions, registerPage, servePage } from './page.ts';
import { RecentFiles } from './recent-files.ts';
import { AppWindow } from './window.ts';

/** What a second start of the app tells the first. */
interface Handover {
  readonly image: string | undefined;
  /** Address of a link, as it came. */
  readonly link: string | undefined;
}

registerPage();
keepToThePage();
const typed = process.argv.slice(1);
// The package has no other executable: `elscope walk ...` is this one, too.
if (app.isPackaged && isCommand(typed[0])) void commandLine(typed).then((code) => app.exit(code));
else {
  // What starts the app for a link gives it nothing else: a word beside it could only come from the link, past the quotes around it.
  const link = typed.find(isLinkAddress);
  open(link === undefined ? argumentsOrQuit() : appArguments([]), link);
}

function open(given: AppArguments | undefined, link: string | undefined): void {
  if (!given) return;
  const handover: Handover = { image: given.image && resolve(given.image), link };
  if (app.requestSingleInstanceLock(handover)) void start(given, link);
  else app.quit();
}

async function start(given: AppArguments, firstLink: string | undefined): Promise<void> {
  let window: AppWindow | undefined;
  let stopWatching: (() => void) | undefined;
  let openedEarly: string | undefined;
  let earlyLink = firstLink;
  const recent = new RecentFiles(join(app.getPath('userData'), 'recent-files.json'));

  async function openFile(path: string): Promise<void> {
    try {
      const file = await readProgramFile(path);
      show(path, file.bytes);
      window?.open({ ...file, options: given.machine });
    } catch (error) {
      dialog.showErrorBox('ELscope cannot open this file', error instanceof Error ? error.message : String(error));
    }
  }

  /** A link from another program: the page asks about it, if it is one. */
  function askAbout(address: string): void {
    if (!window) {
      earlyLink = address;
      return;
    }
    window.show();
    try {
      window.askAbout(textOfAddress(address));
    } catch (error) {
      dialog.showErrorBox('ELscope cannot open this link', error instanceof Error ? error.message : String(error));
    }
  }

  /** Notes that this file is the one on show. */
  function show(path: string, bytes: Uint8Array): void {
    stopWatching?.();
    stopWatching = watchProgramFile(path, bytes, (file) => window?.reload({ ...file, options: given.machine }));
    recent.add(path);
    buildMenu();
  }

  async function openDialog(kind: 'program' | 'recording'): Promise<void> {
    const filters = {
      program: [
        { name: 'AArch64 programs', extensions: ['elf', 'axf', 'out'] },
        { name: 'All files', extensions: ['*'] },
      ],
      recording: [{ name: 'ELscope recordings', extensions: ['elrec'] }],
    };
    const { filePaths } = await dialog.showOpenDialog({ properties: ['openFile'], filters: filters[kind] });
    if (filePaths[0] !== undefined) await openFile(filePaths[0]);
  }

  const handlers: MenuHandlers = {
    openDialog: (kind) => void openDialog(kind),
    openFile: (path) => void openFile(path),
    clearRecent() {
      recent.clear();
      buildMenu();
    },
    page: (action) => window?.menu(action),
  };
  const buildMenu = (): void => Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(handlers, recent.list)));

  app.on('second-instance', (_event, _words, _folder, data) => {
    window?.show();
    const { image, link } = data as Handover;
    if (image !== undefined) void openFile(image);
    if (link !== undefined) askAbout(link);
  });
  // macOS: a file dropped on the icon, perhaps before the window is there.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (window) void openFile(path);
    else openedEarly = path;
  });
  // macOS: a link, perhaps before the window is there. Elsewhere it is a word of a start.
  app.on('open-url', (event, address) => {
    event.preventDefault();
    askAbout(address);
  });
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  app.on('window-all-closed', () => app.quit());

  prepareThread();
  await app.whenReady();
  servePage();
  refusePermissions();
  askWhereToSave();

  const image = openedEarly ?? given.image;
  try {
    const program = await firstProgram({ ...given, image });
    const kept = new KeptRuns(given.keep ? join(app.getPath('userData'), 'runs') : undefined);
    window = new AppWindow(program, given.sources, join(app.getPath('userData'), 'window.json'), given.budget, kept, given.attach);
    if (image !== undefined && program) show(image, program.bytes);
    else buildMenu();
    if (earlyLink !== undefined) askAbout(earlyLink);
    await window.load();
  } catch (error) {
    quit(error);
  }
}

/** What the page saves (pictures, recordings) goes where the person says. */
function askWhereToSave(): void {
  const kinds: Readonly<Record<string, string>> = {
    elrec: 'ELscope recordings',
    svg: 'Vector pictures',
    png: 'Pictures',
    json: 'Data',
  };
  session.defaultSession.on('will-download', (_event, item) => {
    const name = item.getFilename();
    const extension = extname(name).slice(1);
    const kind = kinds[extension];
    item.setSaveDialogOptions({
      defaultPath: join(app.getPath('documents'), name),
      filters: [...(kind === undefined ? [] : [{ name: kind, extensions: [extension] }]), { name: 'All files', extensions: ['*'] }],
    });
  });
}

/** Words after `--` are ours; from a file manager, all that are no switches of Chromium. */
function argumentsOrQuit(): AppArguments | undefined {
  const mark = process.argv.indexOf('--');
  const words =
    mark >= 0 ? process.argv.slice(mark + 1) : app.isPackaged ? process.argv.slice(1).filter((word) => !word.startsWith('-')) : [];
  try {
    return appArguments(words);
  } catch (error) {
    quit(error);
    return undefined;
  }
}

/** Says why on stderr, and in a box for those without a terminal. */
function quit(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`elscope app: ${message}`);
  dialog.showErrorBox('ELscope cannot start', message);
  app.exit(2);
}
