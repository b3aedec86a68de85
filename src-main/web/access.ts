/**
 * Who may talk to the web shell: the browser that was sent here with the token, asking for this very address. A page from elsewhere has
 * neither the cookie (SameSite) nor the right Host (a name made to point here) nor the right Origin (a WebSocket from another page).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export class Access {
  private readonly token = randomBytes(32).toString('base64url');
  readonly origin: string;
  // Cookies do not tell ports apart; two shells on this computer must.
  private readonly cookieName: string;

  constructor(private readonly port: number) {
    this.origin = `http://127.0.0.1:${port}`;
    this.cookieName = `elscope-${port}`;
  }

  /** The address to open; it holds the token. */
  get entrance(): string {
    return `${this.origin}/?token=${this.token}`;
  }
  /** The header that keeps the token in the browser, out of reach of scripts. */
  get cookie(): string {
    return `${this.cookieName}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  rightHost(headers: IncomingHttpHeaders): boolean {
    return headers.host === `127.0.0.1:${this.port}`;
  }
  rightOrigin(headers: IncomingHttpHeaders): boolean {
    return headers.origin === this.origin;
  }
  rightToken(token: string | null | undefined): boolean {
    const given = Buffer.from(token ?? '');
    const own = Buffer.from(this.token);
    return given.length === own.length && timingSafeEqual(given, own);
  }
  rightCookie(headers: IncomingHttpHeaders): boolean {
    return (headers.cookie ?? '').split('; ').some((pair) => {
      const at = pair.indexOf('=');
      return pair.slice(0, at) === this.cookieName && this.rightToken(pair.slice(at + 1));
    });
  }
}
