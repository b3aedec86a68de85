/** The tower as a picture that can leave the app. */
import type { LevelsView } from '../../../emulator/session/views.ts';
import type { Picture } from '../picture.ts';
import { tower } from './index.ts';

const words: Readonly<Record<string, string>> = {
  HVC: 'A hypercall',
  SMC: 'A call to firmware',
  SVC: 'A system call',
  Trap: 'A trapped instruction',
  FP: 'A trapped floating-point instruction',
  Undefined: 'An undefined instruction',
  DataAbort: 'A data abort',
  InstructionAbort: 'An instruction abort',
  PCAlignment: 'A misaligned PC',
  SPAlignment: 'A misaligned stack pointer',
  IllegalState: 'An illegal state',
  BRK: 'A breakpoint instruction',
  Breakpoint: 'A breakpoint',
  Watchpoint: 'A watchpoint',
  Step: 'A software step',
  IRQ: 'An interrupt',
  FIQ: 'A fast interrupt',
  SError: 'An asynchronous error',
  vIRQ: 'A virtual interrupt',
  vFIQ: 'A virtual fast interrupt',
  vSError: 'A virtual asynchronous error',
};

/** `step`: sub-steps done, all when absent. */
export function towerPicture(view: LevelsView, image: string, step?: number): Picture {
  const { event, preflight } = view;
  /** Of the four slots of a vector group, those behind the first. */
  const isInterrupt = ((event?.vectorOffset ?? 0) & 0x180) !== 0;
  const scene = tower(view, { width: 1120, height: 640, step, detail: 'essential' });
  const title = event
    ? event.kind === 'exception'
      ? `${words[event.type] ?? event.type}: from EL${event.from} to EL${event.to}`
      : `${event.kind === 'return' ? 'Return' : 'Illegal return'} from EL${event.from} to EL${event.to}`
    : preflight
      ? `Before a return from EL${preflight.from}`
      : view.stopped
        ? `The machine has stopped at EL${view.pstate.el}`
        : `EL${view.pstate.el} is running`;
  const subtitle = event
    ? `${isInterrupt ? 'before ' : ''}${event.cause.text} at ${event.cause.place.symbol ?? event.cause.place.address}: ${event.steps.length} state changes, all before the next instruction.`
    : preflight
      ? `${preflight.cause.text} has not run yet; what it will do is dashed.`
      : `The registers of each level at this instant.`;
  return {
    name: 'levels',
    title,
    subtitle,
    scene,
    slides: (room) => [tower(view, { ...room, step, detail: 'essential' })],
    key: event
      ? [
          {
            swatch: { class: `f-el${event.to}`, number: '1' },
            text: `to ${event.steps.length}: what the processor writes, shown one at a time; architecturally all at once`,
          },
        ]
      : [],
    image,
    at: view.at,
    data: view,
  };
}
