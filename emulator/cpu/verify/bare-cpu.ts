/** A CPU on its own: no memory, no devices, time that stands still. Enough for instructions that only look at registers. */
import { decode, isFloatingPoint } from '../../isa/index.ts';
import type { Environment, GicCpuInterface } from '../environment.ts';
import type { CpuEvent } from '../events.ts';
import { takeException } from '../exceptions.ts';
import { canExecute, executeSystem } from '../execute.ts';
import { CPU_BLOCK } from '../layout.ts';
import { resetCpu } from '../reset.ts';
import { CpuState, type ExceptionLevel } from '../state.ts';
import { judgeFp, takeUndefined } from '../traps.ts';

/** A GICv3 interface that is there and holds nothing: enough to see what traps. */
const emptyGic: GicCpuInterface = { read: () => 0, peek: () => 0, write: () => {} };

export class BareCpu implements Environment {
  readonly index = 0;
  readonly cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  readonly hasEl2 = true;
  readonly gic: GicCpuInterface | undefined;
  readonly lines = { irq: false, fiq: false, serror: false, virq: false, vfiq: false };
  /** The exceptions and returns since `events.length = 0`. */
  readonly events: CpuEvent[] = [];
  wantsSteps = false;
  firmwareCalls = 0;
  time = 0;

  constructor(options: { gic?: 2 | 3 } = {}) {
    this.gic = options.gic === 3 ? emptyGic : undefined;
    resetCpu(this.cpu);
  }

  signalled(): undefined {}
  step(): number {
    return this.time;
  }
  nanoseconds(): number {
    return this.time;
  }
  instructions(): number {
    return this.time;
  }
  counter(): number {
    return Math.floor(this.time / 16);
  }
  counterRead(): number {
    return this.counter();
  }
  translationChanged(): void {}
  levelChanged(): void {}
  timersChanged(): void {}
  interruptsChanged(): void {}
  debugChanged(): void {}
  invalidate(): void {}
  sendEvent(): void {}
  giveWay(): void {}
  addressTranslate(): undefined {}
  cacheMaintenance(): undefined {}
  zeroBlock(): undefined {}
  callFirmware(): void {
    this.firmwareCalls++;
  }
  readonly hasSemihosting = false;
  callDebugger(): boolean {
    return true;
  }
  readonly onEvent = (event: CpuEvent): void => {
    this.events.push(event);
  };

  /** Stands at `pc` in level `el`, on the level's own stack pointer. */
  stand(el: ExceptionLevel, pc: bigint): void {
    this.cpu.setLevel(el, el === 0 ? 0 : 1);
    this.cpu.pc = pc;
    this.cpu.il = 0;
    this.cpu.waiting = false;
  }

  /** Executes one word that the machine has to execute, or that is undefined, or traps; false where only generated code can. */
  execute(word: number): boolean {
    const instruction = decode(word);
    if (!instruction) takeUndefined(this.cpu, this);
    else if (isFloatingPoint(instruction.definition)) {
      const trap = judgeFp(this.cpu);
      if (trap) takeException(this.cpu, this, trap);
      else this.cpu.advance();
    } else if (!canExecute(instruction.definition)) return false;
    else executeSystem(this.cpu, instruction, this);
    return true;
  }
}
