/** The few globals that every host of the emulator has (browser, worker, Node), so that this folder needs neither DOM nor Node types. */
declare const performance: { now(): number };
declare function setTimeout(callback: () => void, ms: number): number;
declare function clearTimeout(timer: number | undefined): void;
declare function queueMicrotask(callback: () => void): void;

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: 'anyfunc'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value: unknown): void;
    grow(by: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  type Exports = Record<string, unknown>;
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Exports;
  }
}

interface LocalMessagePort {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}
declare class MessageChannel {
  readonly port1: LocalMessagePort;
  readonly port2: LocalMessagePort;
}

interface ByteStream {
  readonly writable: {
    getWriter(): { write(bytes: Uint8Array<ArrayBuffer>): Promise<void>; close(): Promise<void>; abort(): Promise<void> };
  };
  readonly readable: {
    getReader(): {
      read(): Promise<{ done: true; value: undefined } | { done: false; value: Uint8Array<ArrayBuffer> }>;
      cancel(): Promise<void>;
    };
  };
}
declare class CompressionStream implements ByteStream {
  constructor(format: 'deflate-raw' | 'deflate' | 'gzip');
  readonly writable: ByteStream['writable'];
  readonly readable: ByteStream['readable'];
}
declare class DecompressionStream implements ByteStream {
  constructor(format: 'deflate-raw' | 'deflate' | 'gzip');
  readonly writable: ByteStream['writable'];
  readonly readable: ByteStream['readable'];
}
