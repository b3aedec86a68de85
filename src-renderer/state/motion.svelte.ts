/**
 * The one policy for everything that moves: how fast, or not at all. Reduced motion gives the same pictures without the ways between
 * them: every new value carries its mark and number, so nothing is lost.
 */
import { prefersReducedMotion } from 'svelte/motion';
import { oneOf, recall, remember } from './remembered.ts';

export const speeds = [0.25, 0.5, 1, 2, 4, Infinity] as const;
export type Speed = (typeof speeds)[number];

/** Milliseconds at speed 1. */
const durations = { substep: 1100, travel: 700, read: 520, fade: 160, draw: 600 } as const;
export type Movement = keyof typeof durations;

const isStored = oneOf(0.25, 0.5, 1, 2, 4, 'instant');

export class Motion {
  speed = $state<Speed>(stored());

  /** False when pictures change at once. */
  get moves(): boolean {
    return this.speed !== Infinity && !prefersReducedMotion.current;
  }
  /** Milliseconds a movement takes now; 0: at once. */
  duration(movement: Movement): number {
    return this.moves ? durations[movement] / this.speed : 0;
  }
  /** Time from one sub-step (or read) to the next while playing. Without motion each is still shown for a moment. */
  pace(movement: 'substep' | 'read'): number {
    return this.speed === Infinity ? 0 : durations[movement] / this.speed;
  }
  choose(speed: Speed): void {
    this.speed = speed;
    remember('motion', speed === Infinity ? 'instant' : speed);
  }
  faster(by: 1 | -1): void {
    this.choose(speeds[Math.min(speeds.length - 1, Math.max(0, speeds.indexOf(this.speed) + by))]);
  }
}

function stored(): Speed {
  const value = recall('motion', 1, isStored);
  return value === 'instant' ? Infinity : value;
}

export const speedName = (speed: Speed): string => (speed === Infinity ? 'Instant' : `${speed}x`);
