/**
 * The page as Electron serves it: from a scheme of our own, which reaches the files of the page and no others (a page from `file:` could
 * reach every file), and with nothing beside it: no other address, window, frame or permission, in any contents that the app may ever have.
 */
import { app, protocol, session } from 'electron';
import { pageHeaders } from '../content-security-policy.ts';
import { readPageFile } from '../page-file.ts';
import { paths } from '../paths.ts';

const scheme = 'app';
const origin = `${scheme}://elscope`;
export const pageUrl = `${origin}/index.html`;
export const isPage = (url: string): boolean => url === pageUrl;

/** Before the app is ready: makes the scheme one like https, with an origin of its own. */
export function registerPage(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** When the app is ready. */
export function servePage(): void {
  protocol.handle(scheme, async ({ url, method }) => {
    const { host, pathname } = new URL(url);
    const file = method === 'GET' && host === 'elscope' ? await readPageFile(paths.page, pathname).catch(() => undefined) : undefined;
    if (!file) return new Response('There is no such file.', { status: 404, headers: { 'content-type': 'text/plain' } });
    return new Response(file.bytes, { headers: { ...pageHeaders, 'content-type': file.type } });
  });
}

/** For all contents to come: they show the page and nothing else, wherever a link, a redirection, a frame or a dropped file would lead. */
export function keepToThePage(): void {
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** When the app is ready. The page needs no camera, no location, no device: only to put text on the clipboard, which it cannot read. */
export function refusePermissions(): void {
  const { defaultSession } = session;
  const isNeeded = (permission: string): boolean => permission === 'clipboard-sanitized-write';
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(isNeeded(permission)));
  defaultSession.setPermissionCheckHandler((_contents, permission) => isNeeded(permission));
  defaultSession.setDevicePermissionHandler(() => false);
}
