/** Which part of an event has happened after `done` of its sub-steps: what the tower shows of each value. */
import type { LevelEvent, LevelsView, Pstate, RegisterValue, SubStep } from '../../../emulator/session/views.ts';

export interface Moment {
  readonly event: LevelEvent | null;
  readonly done: number;
  /** The level the processor is at. */
  readonly level: number;
  /** The arrow has arrived: the PC has its new value. */
  readonly arrived: boolean;
  readonly shown: (register: RegisterValue) => Shown;
  readonly rider: { readonly pc: Shown; readonly symbol: string; readonly el: Shown; readonly daif: Shown; readonly nzcv: Shown };
}

export interface Shown {
  readonly value: string;
  /** Number of the sub-step that writes it; 0: this event does not write it. */
  readonly step: number;
  readonly written: boolean;
}

const bits = (p: Pstate, names: readonly ('n' | 'z' | 'c' | 'v' | 'd' | 'a' | 'i' | 'f')[]): string =>
  names.map((name) => (p[name] ? '1' : '0')).join('');
/** `--I-` as 0010. */
const digits = (letters: string): string => letters.replace(/./g, (letter) => (letter === '-' ? '0' : '1'));

/** Sub-steps are found by what they write. One that writes all of PSTATE stands for its parts too. */
function stepFor(steps: readonly SubStep[], ...targets: string[]): number {
  for (const target of targets) {
    const index = steps.findIndex((step) => step.target === target || step.target.split(/[ ,]+/).includes(target));
    if (index >= 0) return index + 1;
  }
  return 0;
}

export function moment(view: LevelsView, step: number | undefined): Moment {
  const { event, pstate } = view;
  const steps = event?.steps ?? [];
  const done = Math.min(step ?? steps.length, steps.length);
  const levelStep = stepFor(steps, 'PSTATE.EL', 'PSTATE', 'PC');
  const switched = !event || done >= levelStep;
  const part = (now: string, before: (step: SubStep) => string, ...targets: string[]): Shown => {
    const number = stepFor(steps, ...targets);
    const written = number > 0 && done >= number;
    return { value: number > 0 && !written ? before(steps[number - 1]) : now, step: number, written };
  };
  const pc = part(view.pc.address, (step) => step.before, 'PC');
  const stack = stepFor(steps, 'PSTATE.SP');
  const flag = (name: string, now: string) => (step: SubStep) => digits(new RegExp(`${name} (\\S{4})`).exec(step.before)?.[1] ?? '') || now;
  const daif = bits(pstate, ['d', 'a', 'i', 'f']);
  const nzcv = bits(pstate, ['n', 'z', 'c', 'v']);
  return {
    event,
    done,
    level: switched ? pstate.el : event.from,
    arrived: !event || done >= stepFor(steps, 'PC'),
    shown: (register) => {
      const number = register.step ?? 0;
      const written = number > 0 && done >= number;
      return { value: number > 0 && !written ? (register.before ?? register.value) : register.value, step: number, written };
    },
    rider: {
      pc,
      symbol: (pc.step > 0 && !pc.written ? event?.cause.place.symbol : view.pc.symbol) ?? '',
      el: part(modeName(pstate.el, pstate.sp), () => modeBefore(steps, event?.from ?? pstate.el, stack), 'PSTATE.EL'),
      daif: part(daif, (step) => (step.target === 'PSTATE.DAIF' ? digits(step.before) : flag('DAIF', daif)(step)), 'PSTATE.DAIF', 'PSTATE'),
      nzcv: part(nzcv, flag('NZCV', nzcv), 'PSTATE'),
    },
  };
}

/** "EL1h" where the level uses its own stack pointer, "EL1t" where it uses SP_EL0. */
const modeName = (el: number, sp: number): string => `EL${el}${el > 0 && sp ? 'h' : 't'}`;

function modeBefore(steps: readonly SubStep[], from: number, stack: number): string {
  const own = /SP_EL(\d)/.exec(steps[stack - 1]?.before ?? '')?.[1];
  return modeName(from, own === undefined || own !== '0' ? 1 : 0);
}
