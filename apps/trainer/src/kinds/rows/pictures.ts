import type { NormalizingFlow } from '@impflow/flows';
import { offsetList, type Table } from '@impflow/tables';
import { batched } from '../../measure/batched.ts';
import { valueEvents } from '../../measure/events.ts';
import { quantile } from '../../measure/quantile.ts';
import { densityPlot } from '../../plots/density.ts';
import { pairsPlot } from '../../plots/pairs.ts';
import { widened } from '../../plots/statistics.ts';

const SIDE = 140;

/**
 * A PNG of a model: a heat map with data and samples for two columns, pairwise marginals otherwise. Columns with an
 * offset are drawn without it, and their label says so.
 */
export const densityPicture = (
  flow: NormalizingFlow,
  heldOut: Table,
  samples: Float32Array,
  title: string,
): Uint8Array => {
  const { values: data, offsets = {} } = heldOut;
  const list = offsetList(heldOut.columns, offsets);
  const columns = heldOut.columns.map((name, j) => (list[j] === 0 ? name : `${name} − ${list[j]}`));
  if (columns.length !== 2) return pairsPlot({ columns, data, samples, title });
  const axis = (j: number): Float32Array => {
    const column = data.filter((_, i) => i % 2 === j);
    const [low, high] = widened([quantile(column, 0.002), quantile(column, 0.998)], 0.12);
    return Float32Array.from({ length: SIDE }, (_, i) => low + (i / (SIDE - 1)) * (high - low));
  };
  const [xs, ys] = [axis(0), axis(1)];
  const points = Float32Array.from({ length: 2 * SIDE * SIDE }, (_, i) => {
    const at = Math.floor(i / 2);
    return i % 2 === 0 ? xs[at % SIDE]! : ys[Math.floor(at / SIDE)]!;
  });
  return densityPlot({
    columns: [columns[0]!, columns[1]!],
    grid: { xs, ys, logDensity: batched(valueEvents(points, [2]), (x) => flow.logProb(x)) },
    data,
    samples,
    title,
  });
};
