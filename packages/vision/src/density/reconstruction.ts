import type { SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { firstOf, type Events } from '../images/events.ts';
import { batched } from '../measure/batched.ts';

/** Statistics of the error `|x - f^-1(f(x))| / 256` over all values of some images. */
export interface Reconstruction {
  /** Largest error. */
  readonly max: number;
  /** Mean error. */
  readonly mean: number;
  /** Number of images. */
  readonly images: number;
}

/** Largest number of images for which the error is computed. With more images, the largest error hardly grows. */
const MOST = 200;

/** Computes the reconstruction error of a flow on the first 200 images. */
export const reconstruction = (
  flow: NormalizingFlow,
  images: Events,
  report?: (report: SolveReport) => void,
): Reconstruction => {
  const some = firstOf(images, MOST);
  const values = some.read(0, some.count);
  const back = thereAndBack(flow, some, report);
  let [max, sum] = [0, 0];
  for (let i = 0; i < back.length; i++) {
    const error = Math.abs(back[i]! - values[i]!) / 256;
    // `Math.max` returns NaN if an error is NaN.
    max = Math.max(max, error);
    sum += error;
  }
  return { max, mean: sum / back.length, images: some.count };
};

/** Applies the flow and then its inverse to every image. Returns `f^-1(f(x))`, `[count, ...shape]`. */
export const thereAndBack = (
  flow: NormalizingFlow,
  events: Events,
  report?: (report: SolveReport) => void,
): Float32Array => {
  const options = { verify: true, ...(report === undefined ? {} : { report }) };
  return batched(events, (x) => flow.decode(flow.encode(x, options), options));
};
