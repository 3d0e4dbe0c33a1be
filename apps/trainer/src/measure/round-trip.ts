import type { SolveReport } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { batched } from './batched.ts';
import type { Events } from './events.ts';

/** `f^-1(f(x))` of every event, `[count, ...shape]`. */
export const thereAndBack = (
  flow: NormalizingFlow,
  events: Events,
  report?: (report: SolveReport) => void,
): Float32Array => {
  const options = report === undefined ? {} : { report };
  return batched(events, (x) => flow.decode(flow.encode(x, options), options));
};

/** Largest `|x - f^-1(f(x))|` over rows and columns, in units of each column's `scale`. */
export const roundTrip = (
  flow: NormalizingFlow,
  rows: Events,
  scale: readonly number[],
  report?: (report: SolveReport) => void,
): number => {
  const values = rows.read(0, rows.count);
  return thereAndBack(flow, rows, report).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - values[i]!) / scale[i % scale.length]!),
    0,
  );
};
