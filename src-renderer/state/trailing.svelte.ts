/** For what is beside a picture: while the machine runs it is drawn in its own display frame, so that neither waits for the other. */
import type { MachineSession } from './session.svelte.ts';

/** Call while a component is set up. */
export function trailing<T>(session: MachineSession, value: () => T): { readonly current: T } {
  const sink = {};
  let shown = $state.raw(value());
  $effect.pre(() => {
    const now = value();
    if (session.running) session.later(sink, () => (shown = value()));
    else shown = now;
  });
  return {
    get current() {
      return shown;
    },
  };
}
