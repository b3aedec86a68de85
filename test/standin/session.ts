/** Downloads are not made; a test emits `will-download` itself. Permissions: the handlers are kept for a test to look at; headless Chromium grants none by itself. */
import { EventEmitter } from 'node:events';

type RequestHandler = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
type CheckHandler = (contents: unknown, permission: string) => boolean;

class Session extends EventEmitter {
  permissionRequestHandler: RequestHandler | null = null;
  permissionCheckHandler: CheckHandler | null = null;
  devicePermissionHandler: (() => boolean) | null = null;

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.permissionRequestHandler = handler;
  }
  setDevicePermissionHandler(handler: (() => boolean) | null): void {
    this.devicePermissionHandler = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.permissionCheckHandler = handler;
  }
}

export const session = { defaultSession: new Session() };
