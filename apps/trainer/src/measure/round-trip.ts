import type { SolveReport } from '@impflow/core';
import type { Table } from '@impflow/data';
import type { NormalizingFlow } from '@impflow/flows';
import { batched } from './batched.ts';

/** Largest `|x - f^-1(f(x))|` over rows and columns, in units of each column's scale. */
export const roundTrip = (flow: NormalizingFlow, { values, columns }: Pick<Table, 'values' | 'columns'>, scale: readonly number[], report?: (report: SolveReport) => void): number => {
  const options = report === undefined ? {} : { report };
  const back = batched(values, columns.length, (x) => flow.decode(flow.encode(x, options), options));
  return back.reduce((worst, value, i) => Math.max(worst, Math.abs(value - values[i]!) / scale[i % scale.length]!), 0);
};
