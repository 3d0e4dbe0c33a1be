import { key, writeAtomically } from '@impflow/core';
import { frameOfValues, logDensitiesOf, writeFrame, type RecordFlow, type Values } from '@impflow/tables';
import { drawnLike, type FitTableEnd } from 'impflow/run';
import type { RunPaths } from '../run-folder/folder.ts';
import { writeCurves } from '../run-folder/write-curves.ts';
import { NATS } from '../terminal/unit.ts';

/** Number of samples in `samples.csv` and in the picture `density.png`. */
const SAMPLES = 1000;

/** Writes the curves, samples and the picture of a finished training. */
export const writePictures = async (
  paths: RunPaths,
  end: Extract<FitTableEnd, { readonly model: unknown }>,
): Promise<void> => {
  const { density } = end.opened;
  const { values } = end.parts.test;
  const samples = drawnLike(density, values, SAMPLES, key(end.settings.seed));
  await writeFrame(paths.samples, frameOfValues(samples, density.spec.columns, 'samples'));
  await writeCurves(paths, NATS);
  await writeAtomically(
    paths.density,
    await densityPicture(density, values, samples, { title: end.model.report.won, subtitle: end.parts.source }),
  );
};

/** Number of grid points along each axis of the heat map. */
const SIDE = 140;

/**
 * Draws a PNG of a model. For two numeric columns without conditions, the picture is a heat map of the density with
 * data and samples. Otherwise it shows pairwise marginals. If training subtracted an offset from a column, the axis
 * shows the column after the subtraction, and the label contains the offset.
 */
export const densityPicture = async (
  density: RecordFlow,
  data: Values,
  samples: Values,
  { title, subtitle }: { readonly title: string; readonly subtitle?: string },
): Promise<Uint8Array> => {
  // The drawing code is loaded late. Most commands draw nothing, and loading the libraries of `@impflow/plots` takes a
  // third of a second.
  const { densityPlot, gridAxis, pairsPlot } = await import('@impflow/plots');
  const { spec, layout } = density;
  const columns = layout.numbers.map((j) => {
    const column = spec.columns[j]!;
    const offset = column.kind === 'number' ? (column.offset ?? 0) : 0;
    return offset === 0 ? column.name : `${column.name} − ${offset}`;
  });
  const [rows, drawn] = [numbersOf(layout.numbers, data), numbersOf(layout.numbers, samples)];
  if (columns.length !== 2 || spec.columns.length !== 2)
    return pairsPlot({
      columns,
      data: rows,
      samples: drawn,
      title: subtitle === undefined ? title : `${title}: ${subtitle}`,
    });
  const axis = (j: number): Float32Array =>
    gridAxis(
      rows.filter((_, i) => i % 2 === j),
      SIDE,
    );
  const [xs, ys] = [axis(0), axis(1)];
  const at = (pick: (i: number) => number): Float64Array =>
    Float64Array.from({ length: SIDE * SIDE }, (_, i) => pick(i));
  const grid = [at((i) => xs[i % SIDE]!), at((i) => ys[Math.floor(i / SIDE)]!)];
  const values: Values = { rows: SIDE * SIDE, columns: grid, remarks: [] };
  const { values: logDensity } = logDensitiesOf(density, density.eventsOf(values), { estimated: false });
  return densityPlot({
    columns: [columns[0]!, columns[1]!],
    grid: { xs, ys, logDensity },
    data: rows,
    samples: drawn,
    title,
    ...(subtitle === undefined ? {} : { subtitle }),
  });
};

const numbersOf = (numbers: readonly number[], { rows, columns }: Values): Float32Array =>
  Float32Array.from(
    { length: rows * numbers.length },
    (_, i) => columns[numbers[i % numbers.length]!]![Math.floor(i / numbers.length)]!,
  );
