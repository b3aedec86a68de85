/** How V0 to V31 are shown. */
import { laneShapes, type LaneShape } from '../geometry/vector-lanes.ts';
import { oneOf, recall, remember } from './remembered.ts';

export class VectorDisplay {
  /** What their lanes are taken for; null: each is one number of 128 bits. */
  shape = $state<LaneShape | null>(recall('vectors.shape', null, oneOf(null, ...laneShapes)));
  /** Whether all are listed, or only those that changed. */
  isOpen = $state(recall('vectors.open', false, oneOf(true, false)));

  choose(shape: LaneShape | null): void {
    this.shape = shape;
    remember('vectors.shape', shape);
  }

  toggle(): void {
    this.isOpen = !this.isOpen;
    remember('vectors.open', this.isOpen);
  }
}
