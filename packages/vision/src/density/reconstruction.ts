import type { SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { firstOf, type Events } from '../images/events.ts';
import { batched } from '../measure/batched.ts';

/** Error `|x - f^-1(f(x))| / 256` over all numbers of some images. */
export interface Reconstruction {
  /** Largest error. */
  readonly max: number;
  /** Mean error. */
  readonly mean: number;
  /** Number of images. */
  readonly images: number;
}

/** Most images that are measured. The largest error hardly grows with more. */
const MOST = 200;

/** Reconstruction error of a flow on at most 200 of the images. */
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
    // NaN if one error is NaN.
    max = Math.max(max, error);
    sum += error;
  }
  return { max, mean: sum / back.length, images: some.count };
};

/** `f^-1(f(x))` of every event, `[count, ...shape]`. */
export const thereAndBack = (
  flow: NormalizingFlow,
  events: Events,
  report?: (report: SolveReport) => void,
): Float32Array => {
  const options = report === undefined ? {} : { report };
  return batched(events, (x) => flow.decode(flow.encode(x, options), options));
};
