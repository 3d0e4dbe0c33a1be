import type { StepReport } from '../protocol/trainer.ts';
import type { HeldOut } from '../protocol/viewer.ts';
import type { History } from './session-types.ts';

/** Largest number of points of the loss curve, about twice the width of a chart in pixels. */
const CAPACITY = 1600;
/** Largest number of held-out results in a history. */
const HELD_OUT = 400;

/** A {@link History}, and the sum of the losses whose mean will be the next point of the loss curve. */
export interface Recorder {
  readonly history: History;
  /** Number of training steps per point of the loss curve. */
  readonly stride: number;
  readonly pending: { readonly sum: number; readonly count: number };
  /** Total duration in seconds of all recorded steps. */
  readonly seconds: number;
}

const NONE: Recorder['pending'] = { sum: 0, count: 0 };
export const emptyRecorder: Recorder = {
  history: { steps: [], losses: [], seconds: [], heldOut: [] },
  stride: 1,
  pending: NONE,
  seconds: 0,
};

/**
 * Adds training steps to the loss curve. Every point is the mean loss of `stride` steps. When there are too many
 * points, adjacent points are merged in pairs. If a worker dies and its replacement repeats steps, the new reports
 * replace the old points.
 */
export const recorded = (
  { history, stride: before, pending, seconds: spent }: Recorder,
  reports: readonly StepReport[],
): Recorder => {
  let stride = before;
  const again = reports[0] !== undefined && (history.steps.at(-1) ?? 0) >= reports[0].step;
  let { sum, count } = again ? NONE : pending;
  const kept = again ? history.steps.findIndex((step) => step >= reports[0]!.step) : history.steps.length;
  let [steps, losses, times] = [history.steps, history.losses, history.seconds].map((of) => of.slice(0, kept)) as [
    number[],
    number[],
    number[],
  ];
  let total = spent;
  for (const { step, loss, seconds } of reports) {
    total += seconds;
    sum += loss;
    count += 1;
    if (count < stride) continue;
    steps.push(step);
    losses.push(sum / count);
    times.push(total);
    [sum, count] = [0, 0];
    if (steps.length < CAPACITY) continue;
    [steps, times] = [steps, times].map((of) => of.filter((_, i) => i % 2 === 1)) as [number[], number[]];
    losses = pairs(losses);
    stride *= 2;
  }
  return { history: { ...history, steps, losses, seconds: times }, stride, pending: { sum, count }, seconds: total };
};

/** Returns the seconds of computing until a training step, interpolated linearly between the points of the curve. */
export const secondsAt = ({ steps, seconds }: Pick<History, 'steps' | 'seconds'>, step: number): number => {
  const after = steps.findIndex((at) => at >= step);
  if (after < 0) return seconds.at(-1) ?? 0;
  const [from, begin] = after === 0 ? [0, 0] : [steps[after - 1]!, seconds[after - 1]!];
  const share = (step - from) / Math.max(1, steps[after]! - from);
  return begin + share * (seconds[after]! - begin);
};

/**
 * Adds a result on held-out rows to a history. Only the newest result keeps the losses of single rows; older results
 * keep only their mean loss.
 */
export const judged = (recorder: Recorder, result: HeldOut): Recorder => {
  const before = recorder.history.heldOut
    .filter(({ step }) => step < result.step)
    .map(({ losses: _losses, ...rest }) => rest);
  const kept = before.length < HELD_OUT ? before : before.filter((_, i) => i % 2 === 1);
  return { ...recorder, history: { ...recorder.history, heldOut: [...kept, result] } };
};

const pairs = (values: readonly number[]): number[] =>
  Array.from({ length: Math.floor(values.length / 2) }, (_, i) => (values[2 * i]! + values[2 * i + 1]!) / 2);
