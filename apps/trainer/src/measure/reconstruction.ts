import type { SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { firstOf, type Events } from './events.ts';
import { thereAndBack } from './round-trip.ts';

/** `|x - f^-1(f(x))| / 256` over the numbers of some images. */
export interface Reconstruction {
  readonly max: number;
  readonly mean: number;
  readonly images: number;
}

/** At most so many images: the largest error of a number hardly grows with more. */
const MOST = 200;

/** How well the inverse inverts, on at most 200 of the images. */
export const reconstruction = (flow: NormalizingFlow, images: Events, report?: (report: SolveReport) => void): Reconstruction => {
  const some = firstOf(images, MOST);
  const values = some.read(0, some.count);
  const back = thereAndBack(flow, some, report);
  let [max, sum] = [0, 0];
  for (let i = 0; i < back.length; i++) {
    const error = Math.abs(back[i]! - values[i]!) / 256;
    // Also where it is not a number.
    if (!(error <= max)) max = error;
    sum += error;
  }
  return { max, mean: sum / back.length, images: some.count };
};
