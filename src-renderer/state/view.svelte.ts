/** One view of the machine for a component: followed while the component is there, again when its parameters change. */
import type { ViewName, Views } from '../../emulator/session/views/index.ts';
import type { FutureSide } from '../../emulator/session/views.ts';
import { kept } from './kept.ts';
import type { MachineSession } from './session.svelte.ts';

export class FollowedView<V extends ViewName> {
  data = $state.raw<Views[V]['data'] | undefined>();
  /** Why there is nothing to show. */
  error = $state<string | undefined>();
}

/** Call while a component is set up. `params` gives null when nothing is to be followed; `at` an instant, where it is not the one shown; `run`: one of two futures. */
export function followView<V extends ViewName>(
  session: MachineSession,
  view: V,
  params: () => Views[V]['params'] | null,
  at: () => number | undefined = () => undefined,
  run?: FutureSide,
): FollowedView<V> {
  const followed = new FollowedView<V>();
  // Equal parameters in a new object are no reason to ask again.
  const key = $derived(JSON.stringify(params()));
  $effect(() => {
    const wanted = JSON.parse(key) as Views[V]['params'] | null;
    if (wanted === null) return;
    const instant = at();
    return session.follow(
      view,
      wanted,
      (data) => {
        followed.data = kept(followed.data, data);
        followed.error = undefined;
      },
      (message) => (followed.error = message),
      instant,
      run,
    );
  });
  return followed;
}
