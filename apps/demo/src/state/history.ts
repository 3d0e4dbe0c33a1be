import type { HeldOut } from '../protocol/viewer.ts';
import type { StepReport } from '../protocol/trainer.ts';
import type { History } from './session-types.ts';

/** Points of the loss curve at most: twice as many as a chart has pixels. */
const CAPACITY = 1600;
/** Held-out results at most. */
const HELD_OUT = 400;

/** A {@link History} that takes steps in, together with the steps that do not fill a point yet. */
export interface Recorder {
  readonly history: History;
  /** Steps that make up one point. */
  readonly stride: number;
  readonly pending: { readonly sum: number; readonly count: number };
}

export const emptyRecorder: Recorder = { history: { steps: [], losses: [], heldOut: [] }, stride: 1, pending: { sum: 0, count: 0 } };

/** With further steps. Every point is the mean loss of `stride` steps; when there are too many points, pairs of them become one. */
export const recorded = ({ history, stride: before, pending }: Recorder, reports: readonly StepReport[]): Recorder => {
  let stride = before;
  let { sum, count } = pending;
  let [steps, losses] = [[...history.steps], [...history.losses]];
  for (const { step, loss } of reports) {
    sum += loss;
    count += 1;
    if (count < stride) continue;
    steps.push(step);
    losses.push(sum / count);
    [sum, count] = [0, 0];
    if (steps.length < CAPACITY) continue;
    [steps, losses] = [steps.filter((_, i) => i % 2 === 1), pairs(losses)];
    stride *= 2;
  }
  return { history: { ...history, steps, losses }, stride, pending: { sum, count } };
};

/** With a further held-out result. */
export const judged = (recorder: Recorder, result: HeldOut): Recorder => {
  const before = recorder.history.heldOut.filter(({ step }) => step < result.step);
  const kept = before.length < HELD_OUT ? before : before.filter((_, i) => i % 2 === 1);
  return { ...recorder, history: { ...recorder.history, heldOut: [...kept, result] } };
};

const pairs = (values: readonly number[]): number[] => Array.from({ length: Math.floor(values.length / 2) }, (_, i) => (values[2 * i]! + values[2 * i + 1]!) / 2);
