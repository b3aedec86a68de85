import { InputError } from '../../base/errors.ts';
import type { Session } from '../session.ts';
import type { MapsView } from '../views.ts';

export function mapsView(session: Session): MapsView {
  session.needProgram();
  throw new InputError('the memory maps are not there yet');
}
