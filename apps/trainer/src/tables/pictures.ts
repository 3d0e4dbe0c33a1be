import { key, writeAtomically } from '@impflow/core';
import type { PlotColumn } from '@impflow/plots';
import {
  frameOfValues,
  logDensitiesOf,
  writeFrame,
  type ColumnSpec,
  type RecordFlow,
  type Values,
} from '@impflow/tables';
import { drawnLike, modelName, number, type FitTableEnd } from 'impflow/run';
import type { RunPaths } from '../run-folder/folder.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { NATS } from '../terminal/unit.ts';
import { rowsOfRun, type RowsToDraw } from './rows-to-draw.ts';

/** Number of samples in `samples.csv` and in the picture `density.png`. */
const SAMPLES = 1000;

/** Writes the curves, samples and the picture of a finished training. */
export const writePictures = async (
  paths: RunPaths,
  end: Extract<FitTableEnd, { readonly model: unknown }>,
): Promise<void> => {
  const { density } = end.opened;
  const rows = rowsOfRun(end.parts);
  const samples = drawnLike(density, rows.values, SAMPLES, key(end.settings.seed));
  await writeFrame(paths.samples, frameOfValues(samples, density.spec.columns, 'samples'));
  await writeCurves({ paths, checkpoint: end.checkpoint }, NATS);
  await writeAtomically(paths.density, await densityPicture(density, rows, samples, modelName(end.checkpoint)));
};

/** Number of grid points along each axis of the heat map. */
const SIDE = 140;

/**
 * Draws a PNG of a model. For two numeric columns without conditions, the picture is a heat map of the density with
 * data and samples. Otherwise it shows all columns, and pairs of numeric columns.
 */
export const densityPicture = async (
  density: RecordFlow,
  { values: data, names, source, remark }: RowsToDraw,
  samples: Values,
  title: string,
): Promise<Uint8Array> => {
  // The drawing code is loaded late. Most commands draw nothing, and loading the libraries of `@impflow/plots` takes a
  // third of a second.
  const { densityPlot, gridAxis, pairsPlot } = await import('@impflow/plots');
  const { spec, layout } = density;
  const columns = spec.columns.map((column, j) => plotColumn(column, data.columns[j]!, samples.columns[j]!));
  const common = {
    title,
    subtitle: remark === undefined ? source : `${source}\n${remark}`,
    names: { data: names, samples: `${number(samples.rows)} draws of the model` },
  };
  const [first, second] = columns;
  if (columns.length !== 2 || layout.numbers.length !== 2 || first === undefined || second === undefined) {
    // The matrix of pairs begins with the targets.
    const order = [...layout.numbers, ...columns.keys()].filter((j, i, all) => all.indexOf(j) === i);
    return pairsPlot({ ...common, columns: order.map((j) => columns[j]!) });
  }
  const [xs, ys] = [gridAxis(first, SIDE), gridAxis(second, SIDE)];
  const at = (j: number, pick: (i: number) => number): Float64Array => {
    const shift = shiftOf(spec.columns[j]!);
    return Float64Array.from({ length: SIDE * SIDE }, (_, i) => pick(i) - shift);
  };
  const grid = [at(0, (i) => xs[i % SIDE]!), at(1, (i) => ys[Math.floor(i / SIDE)]!)];
  const values: Values = { rows: SIDE * SIDE, columns: grid, remarks: [] };
  const { values: logDensity } = logDensitiesOf(density, density.eventsOf(values), { estimated: false });
  return densityPlot({ ...common, columns: [first, second], grid: { xs, ys, logDensity } });
};

/** Returns a column of the picture, in the units of the file. */
export const plotColumn = (column: ColumnSpec, data: Float64Array, samples: Float64Array): PlotColumn => {
  const name = column.given === true ? `${column.name} (condition)` : column.name;
  if (column.kind === 'category') return { name, data, samples, levels: column.levels };
  const shift = shiftOf(column);
  return {
    name,
    data: data.map((value) => value + shift),
    samples: samples.map((value) => value + shift),
    ...(column.date === undefined ? {} : { date: column.date }),
    ...(column.resolution === undefined || column.spikes !== undefined ? {} : { step: column.resolution }),
  };
};

/**
 * Returns the difference between a number in the file and the middle of the interval of its values, to which training
 * adds noise. In a column with spikes, most values have no noise.
 */
const shiftOf = (column: ColumnSpec): number =>
  column.kind === 'category'
    ? 0
    : (column.offset ?? 0) - (column.spikes === undefined ? (column.resolution ?? 0) / 2 : 0);
