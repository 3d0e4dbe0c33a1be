import { FlowError, fold, key } from '@impflow/core';
import { dequantise, selectColumns, type Table } from '@impflow/data';
import { loadRunData, loadTable } from '../dataset/resolve.ts';
import { calibration } from '../measure/calibration.ts';
import { heldOut, logProbs } from '../measure/held-out.ts';
import { roundTrip } from '../measure/round-trip.ts';
import { solveStatistics } from '../measure/solve-statistics.ts';
import { startBackend } from '../run/backends.ts';
import { loadRun, scaleOf, type LoadedRun } from '../run/load.ts';
import { drawSamples } from '../run/pictures.ts';
import { withPlugins } from '../run/plugins.ts';
import { number, table } from '../terminal/table.ts';
import { report, type CommonOptions } from './context.ts';

export interface EvaluateOptions extends CommonOptions {
  /** Default: the test rows of the run. */
  readonly data?: string;
}

/** Held-out figures of a run. */
export const evaluate = async (run: string, options: EvaluateOptions): Promise<number> => {
  const started = performance.now();
  await startBackend(options.backend);
  const loaded = await loadRun(run, await withPlugins(options.plugin));
  const rows = await rowsFor(loaded, options.data);
  const { flow, checkpoint, paths } = loaded;
  const solves = solveStatistics();
  const figures = heldOut(logProbs(flow, rows, solves.report));
  const error = roundTrip(flow, rows, scaleOf(loaded.spec), solves.report);
  const calibrated = calibration(rows, drawSamples(flow, 4096, { seed: checkpoint.seed }));
  const bits = { mean: figures.nats / Math.LN2, standardError: figures.standardError / Math.LN2 };
  const result = {
    run: paths.folder, steps: checkpoint.step, seconds: (performance.now() - started) / 1000, source: rows.source,
    heldOut: figures, bits, roundTrip: error, calibration: calibrated, solves: solves.summary(),
  };
  report(options, result, () => `${rows.source}: ${number(figures.rows)} rows

${table({ head: ['held-out log-likelihood', 'per row'], rows: [
    ['nats', `${number(-figures.nats, 5)} ± ${number(figures.standardError, 2)}`],
    ['bits', `${number(-bits.mean, 5)} ± ${number(bits.standardError, 2)}`],
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(error, 2)],
  ] })}

${table({ head: ['calibration: share of rows inside', 'the central 50 %', 'the central 90 %'], rows: calibrated.map(({ column, inside50, inside90 }) => [column, inside50, inside90]), digits: 3 })}

${table({ head: ['solves', 'mean steps', 'most', 'samples not converged', 'largest residual'], rows: solves.summary().map(({ phase, meanSteps, maxSteps, unconverged, residual }) =>
    [phase, meanSteps, maxSteps, number(unconverged), number(residual, 2)]), digits: 3 })}`);
  return 0;
};

/** The rows to evaluate on, with the columns and the noise that the model was trained with. */
export const rowsFor = async ({ record, checkpoint, paths }: Pick<LoadedRun, 'record' | 'checkpoint' | 'paths'>, data: string | undefined): Promise<Table> => {
  const runKey = fold(key(checkpoint.seed), 0);
  if (data === undefined) {
    if (record.data === undefined) throw new FlowError('option', 'cli', `The model in ${paths.folder} has no data of its own`, { hint: 'Name some with --data.' });
    return (await loadRunData(record.data, runKey)).test;
  }
  return dequantise(await modelColumns(data, record), record.dequantised, fold(runKey, 4));
};

/** The columns of the model from a data source. @throws `input` where one is missing. */
export const modelColumns = async (data: string, { columns }: Pick<LoadedRun['record'], 'columns'>, options: { readonly allowMissing?: boolean } = {}): Promise<Table> => {
  const whole = await loadTable({ data }, options).catch(async (error: unknown) => {
    // Text in other columns does not matter: ask again for the columns of the model alone.
    const narrow = await loadTable({ data, columns }, options).catch(() => undefined);
    if (narrow === undefined) throw error;
    return narrow;
  });
  if (columns.every((name) => whole.columns.includes(name))) return selectColumns(whole, columns);
  const unnamed = whole.columns.every((name, i) => name === `x${i}`);
  if (unnamed && whole.columns.length === columns.length) return { ...whole, columns };
  throw new FlowError('input', 'cli', `${data} does not have the columns of the model`, {
    expected: columns.join(', '), got: `${whole.columns.length} columns: ${whole.columns.slice(0, 8).join(', ')}`, hint: 'Name the columns in the first line of the file.',
  });
};
