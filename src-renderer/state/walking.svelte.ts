/** The walk on the screen, shared by the panels that show parts of it. */
import type { WalkView } from '../../emulator/session/views.ts';
import { walkReads, type Read } from '../geometry/walk/rows.ts';
import type { Motion } from './motion.svelte.ts';
import { Player } from './player.svelte.ts';

export interface Standing {
  readonly view: WalkView | undefined;
  readonly reads: readonly Read[];
  readonly current: Read | undefined;
  readonly whole: boolean;
  readonly done: number;
}

export class Walking {
  view = $state.raw<WalkView | undefined>();
  error = $state<string | undefined>();
  readonly player: Player;
  readonly reads: readonly Read[] = $derived(this.view ? walkReads(this.view.walk) : []);

  constructor(motion: Motion) {
    this.player = new Player(motion, 'read');
  }

  /** The read that the walk stands on. */
  get current(): Read | undefined {
    return this.reads.find((read) => read.number === this.player.done);
  }
  get whole(): boolean {
    return this.player.done >= this.reads.length;
  }
  /** Which read the walk is at, for the text beside the picture. */
  get standing(): Standing {
    const { view, reads, current, whole } = this;
    return { view, reads, current, whole, done: this.player.done };
  }
}
