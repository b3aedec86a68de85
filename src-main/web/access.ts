/**
 * Who may talk to the web shell: the browser that came with a ticket, asking for this very address. A ticket works once, and is exchanged
 * for a cookie: whoever sees it later, in a list of processes or a history, has nothing. A page from elsewhere has neither the cookie
 * (SameSite) nor the right Host (a name made to point here) nor the right Origin (a WebSocket from another page).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const newSecret = (): string => randomBytes(32).toString('base64url');

export class Access {
  private readonly secret = newSecret();
  /** Tickets that nobody has used, with what to do once one is. */
  private readonly tickets = new Map<string, () => void>();
  readonly origin: string;
  // Cookies do not tell ports apart; two shells on this computer must.
  private readonly cookieName: string;

  constructor(private readonly port: number) {
    this.origin = `http://127.0.0.1:${port}`;
    this.cookieName = `elscope-${port}`;
  }

  /** A new address, which works once; `used` is called when it is opened. */
  invite(used: () => void): string {
    const ticket = newSecret();
    this.tickets.set(ticket, used);
    return `${this.origin}/?token=${ticket}`;
  }
  /** Whether this is a ticket that nobody has used yet; from now on it is used. */
  admit(ticket: string): boolean {
    for (const [own, used] of this.tickets) {
      if (!isSame(ticket, own)) continue;
      this.tickets.delete(own);
      used();
      return true;
    }
    return false;
  }
  /** The header that keeps the secret in the browser, out of reach of scripts. */
  get cookie(): string {
    return `${this.cookieName}=${this.secret}; HttpOnly; SameSite=Strict; Path=/`;
  }

  rightHost(headers: IncomingHttpHeaders): boolean {
    return headers.host === `127.0.0.1:${this.port}`;
  }
  rightOrigin(headers: IncomingHttpHeaders): boolean {
    return headers.origin === this.origin;
  }
  rightCookie(headers: IncomingHttpHeaders): boolean {
    return (headers.cookie ?? '').split('; ').some((pair) => {
      const at = pair.indexOf('=');
      return pair.slice(0, at) === this.cookieName && isSame(pair.slice(at + 1), this.secret);
    });
  }
}

/** Takes the same time wherever they differ. */
function isSame(given: string, own: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(own)];
  return a.length === b.length && timingSafeEqual(a, b);
}
