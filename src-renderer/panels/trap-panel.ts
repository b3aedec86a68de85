import type { Snippet } from 'svelte';

/** What a panel that shows many traps is told, and tells. */
export interface TrapPanelProps {
  /** Index of the trap whose story is shown; null: there is none yet. */
  chosen: number | null;
  onchoose: (index: number) => void;
  /** Goes to the instant right after step `n`. */
  ongo: (n: number) => void;
}

/** One that draws them also holds the choice between the drawings. */
export interface TrapPictureProps extends TrapPanelProps {
  modes: Snippet;
}
