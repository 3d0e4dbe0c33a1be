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
import type { Checkpoint } from '@impflow/training';
import { drawnLike, modelName, number, type FitTableEnd, type TableContents } from 'impflow/run';
import { nameOf } from '../dataset/places.ts';
import type { RunPaths } from '../run-folder/folder.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { lossText } from '../terminal/loss-text.ts';
import { NATS } from '../terminal/unit.ts';
import { givenNames } from './losses-text.ts';
import { allRows, rowsOfRun, type RowsToDraw } from './rows-to-draw.ts';

/** Number of draws in `samples.csv` and in the picture `density.png`. */
const SAMPLES = 1000;

/** Writes the curves, samples and the picture of a finished training. */
export const writePictures = async (
  paths: RunPaths,
  end: Extract<FitTableEnd, { readonly model: unknown }>,
): Promise<void> => {
  const { density } = end.opened;
  const { checkpoint } = end;
  const rows = rowsOfRun(end.parts);
  const samples = drawsFor(density, rows, end.settings.seed);
  await writeFrame(paths.samples, frameOfValues(samples, density.spec.columns, 'samples'));
  await writeCurves({ paths, checkpoint }, NATS);
  await writeAtomically(paths.density, await densityPicture({ density, checkpoint }, rows, samples));
};

/** Draws rows from the model for a picture. Each draw has the conditions of a row that the picture shows. */
export const drawsFor = (density: RecordFlow, rows: RowsToDraw, seed: number): Values =>
  drawnLike(density, allRows(rows), SAMPLES, key(seed));

/** Number of grid points along each axis of the heat map. */
const SIDE = 140;

/**
 * Draws a PNG of a model. For two numeric columns without conditions, the picture is a heat map of the density with
 * data and draws. Otherwise it shows all columns, and pairs of numeric columns.
 *
 * @param place Place of the rows. Default: the place of the training table.
 */
export const densityPicture = async (
  { density, checkpoint }: { readonly density: RecordFlow; readonly checkpoint: Checkpoint },
  rows: RowsToDraw,
  samples: Values,
  place?: string,
): Promise<Uint8Array> => {
  // The drawing code is loaded late. Most commands draw nothing, and loading the libraries of `@impflow/plots` takes a
  // third of a second.
  const { densityPlot, gridAxis, pairsPlot } = await import('@impflow/plots');
  const { values, training, names, source, remark } = rows;
  const { spec, layout } = density;
  const columns = spec.columns.map((column, j) =>
    plotColumn(column, { data: values.columns[j]!, samples: samples.columns[j]!, training: training?.columns[j] }),
  );
  const common = {
    title: titleOf(rows, place ?? dataOf(checkpoint)),
    subtitle: [modelText(checkpoint), source, remark].filter((line) => line !== undefined).join('\n'),
    names: { ...names, samples: `${number(samples.rows)} draws of the model` },
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
  const points: Values = { rows: SIDE * SIDE, columns: grid, remarks: [] };
  const { values: logDensity } = logDensitiesOf(density, density.eventsOf(points), { estimated: false });
  return densityPlot({ ...common, columns: [first, second], grid: { xs, ys, logDensity } });
};

/** Returns the name of the training table, or undefined if the model does not name it. */
const dataOf = ({ extra }: Checkpoint): string | undefined => (extra as Partial<TableContents> | undefined)?.data?.data;

const titleOf = ({ title }: RowsToDraw, place: string | undefined): string =>
  place === undefined
    ? `${title[0]!.toUpperCase()}${title.slice(1)} and draws of the model`
    : `${nameOf(place)}: ${title} and draws of the model`;

/** Returns the name of the model, with its loss on the test rows if the report has it. */
const modelText = (checkpoint: Checkpoint): string => {
  const { report } = (checkpoint.extra ?? {}) as Partial<TableContents>;
  // The report of a foreign checkpoint may lack the loss. The error bar is not separated from the loss by a line break.
  const loss = Number.isFinite(report?.heldOut?.nats)
    ? `; test loss ${lossText(report!.heldOut).replace(' ± ', '\u00A0±\u00A0')} nats per row`
    : '';
  const conditions = givenNames(report?.columns ?? []);
  const given = conditions.length === 0 ? '' : `Given ${conditions.join(', ')}. `;
  return `${given}Model: ${modelName(checkpoint)}${loss}`;
};

/** Cells of a column: of the data, of the draws, and of training rows if there are any. */
interface ColumnCells {
  readonly data: Float64Array;
  readonly samples: Float64Array;
  readonly training?: Float64Array | undefined;
}

/**
 * Returns a column of the picture, in the units of the file. Draws of numbers that are multiples of a step are rounded,
 * as `samples.csv` has them.
 */
export const plotColumn = (column: ColumnSpec, { data, samples, training }: ColumnCells): PlotColumn => {
  const name = column.given === true ? `${column.name} (condition)` : column.name;
  if (column.kind === 'category')
    return { name, data, samples, levels: column.levels, ...(training === undefined ? {} : { training }) };
  const { offset = 0 } = column;
  const step = column.spikes === undefined ? column.resolution : undefined;
  const inUnits = (cells: Float64Array): Float64Array => cells.map((value) => value + offset);
  return {
    name,
    data: inUnits(data),
    samples: inUnits(step === undefined ? samples : samples.map((value) => onGrid(value, step))),
    ...(training === undefined ? {} : { training: inUnits(training) }),
    ...(column.date === undefined ? {} : { date: column.date }),
    ...(step === undefined ? {} : { step }),
  };
};

/** Rounds a draw down to a multiple of the step. The noise of the training lies above each multiple. */
const onGrid = (value: number, step: number): number => Math.floor(value / step + 1e-6) * step;

/**
 * Returns the difference between a number in the file and the middle of the interval of its values, to which training
 * adds noise. In a column with spikes, most values have no noise.
 */
const shiftOf = (column: ColumnSpec): number =>
  column.kind === 'category'
    ? 0
    : (column.offset ?? 0) - (column.spikes === undefined ? (column.resolution ?? 0) / 2 : 0);
