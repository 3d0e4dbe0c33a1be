import { fold, key, sizeOf, type Key, type SolveReport } from '@impflow/core';
import type { DataParallel } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { Events } from '../images/events.ts';
import type { ImageLearner } from '../model/image-learner.ts';
import { batched, blockRows, joined } from './batched.ts';

/** Options of {@link modelOutputs}. */
interface ModelOutputsOptions {
  /** Workers that share the computation of each block. Default: no workers. */
  readonly parallel?: DataParallel | undefined;
  /**
   * Called once per equation solve, with the index of the first event in the block of the solve. Default: no reports.
   */
  readonly report?: (report: SolveReport, first: number) => void;
}

/**
 * Computes the output of a model for events: log-densities `[count]` or logits `[count, classes]`. The random draws for
 * an event depend only on the index of the event, and not on the number of workers.
 */
export const modelOutputs = async (
  model: Pick<ImageLearner, 'model' | 'maps'>,
  events: Events,
  { parallel, report = () => {} }: ModelOutputsOptions = {},
): Promise<Float32Array> => {
  const keyOf = (first: number): Key => fold(key(0), first);
  if (parallel === undefined)
    return batched(events, (x, first) => model.maps.outputs(x, keyOf(first), (solve) => report(solve, first)));
  const parts: Float32Array[] = [];
  const most = blockRows(sizeOf(events.shape));
  for (let first = 0; first < events.count; first += most) {
    const count = Math.min(most, events.count - first);
    const rows = tensor(events.read(first, count), [count, ...events.shape]);
    const found = await parallel.map(model, 'outputs', rows, keyOf(first), (solve) => report(solve, first));
    parts.push((await found.data<'float32'>()) as Float32Array);
    rows.dispose();
    found.dispose();
  }
  return joined(parts);
};
