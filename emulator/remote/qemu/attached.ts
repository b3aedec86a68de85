/**
 * A running QEMU: what it does, and all of its state at a stop. Nothing in it is changed but whether it runs and where it stops, and what a
 * person writes.
 */
import { InputError } from '../../base/errors.ts';
import { memoryNamed } from '../../machine/changeable.ts';
import { Machine, type MachineOptions, type StoredPage } from '../../machine/machine.ts';
import type { Snapshot } from '../../machine/snapshot.ts';
import { ramBase } from '../../machine/board-table.ts';
import type { NamedBytes } from '../../machine/loader.ts';
import type { Target, TargetState, ToldTrap } from '../../session/target.ts';
import { deviceRegisters } from './device-registers.ts';
import { InterruptLog } from './interrupt-log.ts';
import { within, type Line } from './line.ts';
import { readMachineState, type MachineState } from './machine-state.ts';
import { stateRegisters } from './names.ts';
import { Qmp } from './qmp.ts';
import { Stub } from './stub.ts';

/** A place on the computer of the shell to which QEMU can send its state. */
export interface Receiver {
  /** As `migrate` takes it. */
  readonly uri: string;
  readonly bytes: Promise<Uint8Array>;
  close(): void;
}

/** A file on the computer of the shell to which QEMU can write its log. */
export interface LogFile {
  readonly path: string;
  /** What was written since it was read last; at most a mebibyte. */
  read(): Promise<string>;
  close(): void;
}

export interface QemuLines {
  readonly stub: Line;
  readonly qmp?: Line | undefined;
  /** The other end of its serial line. */
  readonly serial?: Line | undefined;
  log?(this: void): LogFile;
  /** Makes a place for at most so many bytes. Absent: QEMU may be on another computer. */
  receive?(this: void, most: number): Promise<Receiver>;
}

export interface AttachOptions {
  /** RAM, where QEMU cannot be asked. */
  readonly memoryBytes?: number | undefined;
  /** Of `-icount`: an instruction takes 2^shift nanoseconds. */
  readonly icountShift?: number | undefined;
  /** What runs there, for its names. */
  readonly program?: NamedBytes | undefined;
  /** QEMU's log of exceptions is switched on, into a file of our own. False where the person has a log. */
  readonly traps?: boolean | undefined;
}

const PAGE = 4096;
const DEFAULT_MEMORY = 128 << 20;
/** What else QEMU sends beside memory. */
const OTHER_BYTES = 256 << 20;
const POLL_MS = 5;
/** Between looks at the log of a QEMU that runs, and the most that it may write: a guest in an exception loop writes as fast as it can. */
const LOG_MS = 150;
const LOG_CHARACTERS = 64 << 20;
const LEAVE_MS = 3000;
const MIGRATION_MS = 60_000;
const NS_PER_TICK = 16;

interface Facts {
  readonly name: string;
  readonly memoryBytes: number | undefined;
  readonly cpus: number;
  readonly gic: 2 | 3;
  /** It can send its state: there is no disk that would be closed by that. */
  readonly sends: boolean;
}

export class AttachedQemu implements Target {
  state: TargetState = 'stopped';
  reason: string | undefined;
  onChange = (): void => undefined;
  onOutput: (bytes: Uint8Array) => void = () => undefined;
  onTraps: (traps: readonly ToldTrap[]) => void = () => undefined;
  noConsole: string | undefined;
  noTraps: string | undefined;
  private log: LogFile | undefined;
  private readonly told = new InterruptLog();
  private logged = 0;
  private logTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly breakpoints = new Set<bigint>();
  private wasRunning = false;
  private sends: boolean;
  private machine: Machine | undefined;
  /** What QEMU sent at this stop: it sends it once, and stands still. */
  private sent: MachineState | undefined;
  /** What was written to memory at this stop since then, by PA. */
  private readonly written = new Map<number, Uint8Array>();

  private constructor(
    private readonly stub: Stub,
    private readonly qmp: Qmp | undefined,
    private readonly facts: Facts,
    private readonly lines: QemuLines,
    private readonly options: AttachOptions,
  ) {
    this.sends = facts.sends && lines.receive !== undefined;
    if (!lines.serial) this.noConsole = 'The serial line of this QEMU goes where its own -serial says.';
    lines.serial?.listen(
      (bytes) => this.onOutput(bytes),
      () => (this.noConsole = 'The serial line of this QEMU was closed.'),
    );
    stub.onStop = ({ signal }) => {
      this.reason = signal === undefined ? 'The guest has ended.' : undefined;
      void this.readLog().then(() => this.become(signal === undefined ? 'lost' : 'stopped'));
    };
    stub.onLost = (why) => {
      this.reason ??= `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
      void this.readLog().then(() => this.become('lost'));
    };
  }

  /** Connects. A QEMU that runs is stopped, as every stub does it. Throws InputError. */
  static async open(lines: QemuLines, options: AttachOptions = {}): Promise<AttachedQemu> {
    let qmp: Qmp | undefined;
    try {
      qmp = lines.qmp && (await Qmp.open(lines.qmp));
      const wasRunning = qmp ? await isRunning(qmp) : true;
      const stub = await Stub.open(lines.stub);
      const facts = await factsOf(stub, qmp).catch((error: unknown) => {
        stub.close();
        throw error;
      });
      const attached = new AttachedQemu(stub, qmp, facts, lines, options);
      attached.wasRunning = wasRunning;
      await attached.startLog();
      return attached;
    } catch (error) {
      qmp?.close();
      if (!qmp) lines.qmp?.close();
      lines.serial?.close();
      lines.stub.close();
      throw error;
    }
  }

  get name(): string {
    return this.facts.name;
  }

  private become(state: TargetState): void {
    if (this.state === 'lost') return;
    this.state = state;
    if (state === 'lost') this.closeLines();
    this.onChange();
  }
  private closeLines(): void {
    clearTimeout(this.logTimer);
    this.log?.close();
    this.log = undefined;
    this.qmp?.close();
    this.lines.serial?.close();
    this.stub.close();
  }

  // ---- its log of exceptions

  private async startLog(): Promise<void> {
    const { qmp, lines, options } = this;
    if (options.traps !== true) this.noTraps = 'The log of exceptions of this QEMU is left alone: it is the person’s own.';
    else if (!qmp || !lines.log) this.noTraps = 'QEMU’s log of exceptions is switched on by QMP, which is not connected.';
    if (this.noTraps !== undefined || !qmp || !lines.log) return;
    const log = lines.log();
    const refused = (await qmp.monitor(`logfile ${log.path}`)).trim() || (await qmp.monitor('log int')).trim();
    if (refused === '') this.log = log;
    else {
      log.close();
      this.noTraps = `QEMU does not switch its log on: ${refused}`;
    }
  }
  private async readLog(): Promise<void> {
    clearTimeout(this.logTimer);
    const { log } = this;
    while (log && log === this.log) {
      const text = await log.read().catch(() => '');
      if (text === '') break;
      this.logged += text.length;
      const traps = this.told.feed(text);
      if (traps.length > 0) this.onTraps(traps);
      if (this.logged > LOG_CHARACTERS) {
        this.noTraps = `QEMU’s log of exceptions was switched off after ${LOG_CHARACTERS >> 20} MiB.`;
        await this.endLog();
      }
    }
    if (this.state === 'running' && this.log) this.logTimer = setTimeout(() => void this.readLog(), LOG_MS);
  }
  private async endLog(): Promise<void> {
    const { log, qmp } = this;
    this.log = undefined;
    clearTimeout(this.logTimer);
    if (!log) return;
    await qmp?.monitor('log none').catch(() => '');
    log.close();
  }

  resume(how: 'step' | 'continue'): void {
    if (this.state !== 'stopped') return;
    this.reason = undefined;
    this.sent = undefined;
    this.written.clear();
    this.stub.resume(how);
    this.become('running');
    if (this.log) this.logTimer = setTimeout(() => void this.readLog(), LOG_MS);
  }
  type(bytes: Uint8Array): void {
    this.lines.serial?.send(new Uint8Array(bytes));
  }
  interrupt(): void {
    this.stub.interrupt();
  }

  async stopAt(addresses: ReadonlySet<bigint>): Promise<void> {
    const { breakpoints, stub } = this;
    for (const address of breakpoints)
      if (!addresses.has(address)) {
        await stub.setBreakpoint(address, false);
        breakpoints.delete(address);
      }
    for (const address of addresses)
      if (!breakpoints.has(address)) {
        await stub.setBreakpoint(address, true);
        breakpoints.add(address);
      }
  }

  async write(name: string, value: bigint): Promise<void> {
    const { stub } = this;
    if (this.state !== 'stopped') throw new InputError('QEMU runs', {}, 'pause it first');
    const place = memoryNamed(name);
    if (place !== undefined) {
      await stub.readPhysical(true);
      const bytes = Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
      if (!(await stub.setMemory(place, bytes))) throw new InputError(`QEMU does not write memory at 0x${place.toString(16)}`);
      this.written.set(place, bytes);
      return;
    }
    const register = stateRegisters(stub.registers).get(name);
    if (register) await stub.setRegister(register, value);
    if (!register || (await stub.register(register)) !== value)
      throw new InputError(`QEMU does not let a debugger give ${name} this value`, {}, 'take it over to change it here');
  }

  async leave(how: 'asBefore' | 'stopped'): Promise<void> {
    const goesOn = how === 'asBefore' && (this.wasRunning || this.state === 'running');
    try {
      // It must stand still to forget its breakpoints.
      if (this.state === 'running') await within(LEAVE_MS, this.standing(), () => new InputError('QEMU does not stop'));
      await this.endLog();
      await this.stopAt(new Set());
      await this.stub.leave(goesOn);
    } catch {
      // It has gone already.
    }
    this.state = 'lost';
    this.closeLines();
  }
  private standing(): Promise<void> {
    return new Promise((resolve) => {
      this.onChange = () => this.state !== 'running' && resolve();
      this.interrupt();
    });
  }

  async snapshot(progress: (fraction: number, text: string) => void): Promise<Snapshot> {
    if (this.state !== 'stopped') throw new InputError('QEMU runs', {}, 'pause it first');
    const { stub, facts, options } = this;
    const unknown: string[] = [];
    const state = (this.sent ??= this.sends ? await this.receiveState(unknown) : undefined);
    if (!state && !stub.hasPhysicalMemory)
      throw new InputError('this stub does not read physical memory, which page tables are made of', {}, 'ELscope attaches to QEMU’s');
    const registers = { ...(await this.registers()), ...state?.gic?.system };
    const el2 = 'HCR_EL2' in registers;
    const memoryBytes = state?.blocks[0]?.bytes ?? facts.memoryBytes ?? options.memoryBytes ?? DEFAULT_MEMORY;
    const devices = { ...(await this.devices({ memoryBytes, gic: facts.gic, el2 }, unknown)), ...state?.gic?.frames };
    if (facts.gic === 3 && !state?.gic)
      unknown.push('The GICv3 of this QEMU is shown as after a reset: it is told only with all of its state, by QMP.');
    const pages = state ? withWritten(pagesOf(state), this.written) : await this.pages(memoryBytes, progress);
    if (!state) unknown.push('QEMU’s stub does not tell what time it is, what waits in the UART, and whether the CPU waits in WFI.');
    return {
      source: facts.name,
      memoryBytes,
      el2,
      gic: facts.gic,
      ns: nsOf(state, options.icountShift ?? 0) ?? leastNs(registers),
      waiting: state?.halted ?? false,
      registers,
      devices,
      received: state?.received ?? [],
      unknown,
      program: options.program,
      pages,
    };
  }

  private async registers(): Promise<Record<string, bigint>> {
    const { stub } = this;
    const registers: Record<string, bigint> = {};
    for (const [name, register] of stateRegisters(stub.registers)) {
      const value = await stub.register(register);
      if (value !== undefined) registers[name] = value;
    }
    for (const name of ['x0', 'x30', 'sp', 'pc', 'PSTATE'])
      if (!(name in registers)) throw new InputError(`the stub does not give ${name}`, {}, 'expected an AArch64 CPU');
    return registers;
  }

  private async devices(options: MachineOptions, unknown: string[]): Promise<Record<string, number>> {
    const { stub, facts } = this;
    if (!stub.hasPhysicalMemory) return {};
    if (facts.cpus > 1) {
      // QEMU 7.2 answers a debugger's read of a GIC register that each CPU has for itself by ending itself.
      unknown.push(`QEMU has ${facts.cpus} CPUs: the first is shown, and the GIC is not asked.`);
      return {};
    }
    await stub.readPhysical(true);
    // Which registers there are depends on the board alone.
    this.machine ??= new Machine(options);
    return deviceRegisters(this.machine.board, (pa, bytes) => stub.memory(pa, bytes));
  }

  /** By the stub, a piece after the other. */
  private async pages(memoryBytes: number, progress: (fraction: number, text: string) => void): Promise<StoredPage[]> {
    const { stub } = this;
    await stub.readPhysical(true);
    const found: StoredPage[] = [];
    const piece = 256 * PAGE;
    for (let at = 0; at < memoryBytes; at += piece) {
      progress(at / memoryBytes, `Reading QEMU's memory: ${at >> 20} of ${memoryBytes >> 20} MiB`);
      const bytes = await stub.memory(ramBase + at, Math.min(piece, memoryBytes - at));
      if (!bytes) throw new InputError(`the stub does not read memory at 0x${(ramBase + at).toString(16)}`);
      for (let from = 0; from < bytes.length; from += PAGE) {
        const page = bytes.subarray(from, from + PAGE);
        if (page.some((byte) => byte !== 0)) found.push({ page: (at + from) / PAGE, bytes: page });
      }
    }
    return found;
  }

  /** All of it as QEMU sends it to another QEMU; undefined where it does not. */
  private async receiveState(unknown: string[]): Promise<MachineState | undefined> {
    const { qmp, facts } = this;
    const receiver = await this.lines.receive!((facts.memoryBytes ?? DEFAULT_MEMORY) + OTHER_BYTES);
    try {
      await qmp!.ask('migrate', { uri: receiver.uri });
      const deadline = performance.now() + MIGRATION_MS;
      for (;;) {
        const { status, 'error-desc': why } = (await qmp!.ask('query-migrate')) as { status?: unknown; 'error-desc'?: unknown };
        if (status === 'completed') break;
        if (status === 'failed' || status === 'cancelled')
          throw new InputError(`QEMU does not send its state: ${typeof why === 'string' ? why : status}`);
        if (performance.now() > deadline) throw new InputError('QEMU does not come to the end of sending its state');
        await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
      }
      return readMachineState(await within(MIGRATION_MS, receiver.bytes, () => new InputError('QEMU sent no state')));
    } catch (error) {
      if (this.state === 'lost') throw error;
      // What it cannot send once, it cannot send again.
      this.sends = false;
      unknown.push(`${error instanceof Error ? error.message : String(error)}.`);
      return undefined;
    } finally {
      receiver.close();
    }
  }
}

/** Pages with what was written to some of them. */
function withWritten(pages: readonly StoredPage[], written: ReadonlyMap<number, Uint8Array>): StoredPage[] {
  const all = new Map(pages.map(({ page, bytes }) => [page, bytes]));
  for (const [pa, bytes] of written) {
    const page = Math.floor((pa - ramBase) / PAGE);
    const changed = all.get(page)?.slice() ?? new Uint8Array(PAGE);
    changed.set(bytes, (pa - ramBase) % PAGE);
    all.set(page, changed);
  }
  return [...all].map(([page, bytes]) => ({ page, bytes }));
}

const isRunning = async (qmp: Qmp): Promise<boolean> => ((await qmp.ask('query-status')) as { running?: unknown }).running === true;

/** Throws InputError for a QEMU that this machine is no picture of. */
async function factsOf(stub: Stub, qmp: Qmp | undefined): Promise<Facts> {
  if (!qmp)
    return { name: stub.hasPhysicalMemory ? 'QEMU' : 'gdb stub', memoryBytes: undefined, cpus: stub.cpus.length, gic: 2, sends: false };
  const machine = String(await qmp.ask('qom-get', { path: '/machine', property: 'type' }));
  if (!machine.startsWith('virt-')) throw new InputError(`QEMU's machine is "${machine}"`, {}, 'ELscope knows the machine "virt"');
  const gic = (await qmp.monitor('info mtree -f')).includes('gicv3') ? 3 : 2;
  const cpus = (await qmp.ask('query-cpus-fast')) as { 'qom-type'?: unknown }[];
  const { 'base-memory': memoryBytes } = (await qmp.ask('query-memory-size-summary')) as { 'base-memory'?: unknown };
  const drives = (await qmp.ask('query-block')) as { inserted?: unknown }[];
  return {
    name: `QEMU ${qmp.version}`,
    memoryBytes: typeof memoryBytes === 'number' ? memoryBytes : undefined,
    cpus: cpus.length,
    gic,
    // After sending its state it would take its disks to be another QEMU's.
    sends: !drives.some(({ inserted }) => inserted !== undefined),
  };
}

/** RAM and the flash after it, as the machine counts its pages. */
function pagesOf({ blocks }: MachineState): StoredPage[] {
  const [ram] = blocks;
  const found: StoredPage[] = [];
  const take = (pages: ReadonlyMap<number, Uint8Array> | undefined, first: number): void => {
    for (const [page, bytes] of [...(pages ?? [])].sort(([a], [b]) => a - b)) found.push({ page: first + page, bytes });
  };
  take(ram?.pages, 0);
  return found;
}

function nsOf(state: MachineState | undefined, shift: number): number | undefined {
  const clock = state?.clock;
  if (!clock) return undefined;
  const ns = 'ns' in clock ? clock.ns : clock.bias + clock.instructions * 2 ** shift;
  // With `-icount sleep=off` and no timer, a QEMU that waits comes to the end of all time.
  return ns >= 0 && ns < 2 ** 52 ? ns : undefined;
}

/** The time is not known, but it is no earlier than that of a timer whose condition is met. */
function leastNs(registers: Readonly<Record<string, bigint>>): number {
  const timers = [
    ['CNTP_CTL_EL0', 'CNTP_CVAL_EL0', 0n],
    ['CNTV_CTL_EL0', 'CNTV_CVAL_EL0', registers['CNTVOFF_EL2'] ?? 0n],
    ['CNTHP_CTL_EL2', 'CNTHP_CVAL_EL2', 0n],
  ] as const;
  const met = timers.map(([control, compare, offset]) =>
    ((registers[control] ?? 0n) & 5n) === 5n ? (registers[compare] ?? 0n) + offset : 0n,
  );
  const ticks = Number(met.reduce((most, tick) => (tick > most ? tick : most), 0n));
  return ticks < 2 ** 48 ? ticks * NS_PER_TICK : 0;
}
