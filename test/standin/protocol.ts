/**
 * Schemes of the app's own. Chromium knows none here: the pages of `app://host` come from `https://host.app.standin`, which is answered
 * without a network, and has what the privileges give: an origin of its own, secure, with fetch.
 */
import type { Page } from 'playwright';

interface Scheme {
  readonly scheme: string;
  readonly privileges?: { readonly standard?: boolean; readonly secure?: boolean; readonly supportFetchAPI?: boolean };
}
type Handler = (request: Request) => Response | Promise<Response>;

const privileged = new Map<string, Scheme>();
const handlers = new Map<string, Handler>();
const DOMAIN = 'standin';

export const protocol = {
  registerSchemesAsPrivileged(schemes: readonly Scheme[]): void {
    for (const one of schemes) privileged.set(one.scheme, one);
  },
  handle(scheme: string, handler: Handler): void {
    const { standard, secure } = privileged.get(scheme)?.privileges ?? {};
    if (!standard || !secure) throw new Error(`the stand-in has only schemes that are standard and secure, unlike ${scheme}`);
    handlers.set(scheme, handler);
  },
};

/** Where Chromium finds what the app has under this address; other addresses stay as they are. */
export function toChromium(url: string): string {
  const [, scheme, host, rest] = /^([a-z]+):\/\/([^/]*)(.*)$/.exec(url) ?? [];
  return handlers.has(scheme) ? `https://${host}.${scheme}.${DOMAIN}${rest}` : url;
}
/** The address as the app knows it. */
export function fromChromium(url: string): string {
  const [, host, scheme, rest] = new RegExp(`^https://([^/]*)\\.([a-z]+)\\.${DOMAIN}(.*)$`).exec(url) ?? [];
  return scheme === undefined ? url : `${scheme}://${host}${rest}`;
}

/** Answers what a page asks of the app's schemes. */
export async function serveSchemes(page: Page): Promise<void> {
  await page.route(new RegExp(`^https://[^/]*\\.${DOMAIN}/`), async (route) => {
    const url = fromChromium(route.request().url());
    const response = await handlers.get(new URL(url).protocol.slice(0, -1))!(new Request(url, { method: route.request().method() }));
    const body = Buffer.from(await response.arrayBuffer());
    await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
  });
}
