import { extname } from 'node:path';
import { FlowError, fold } from '@impflow/core';
import { dequantise, type Table } from '@impflow/data';
import { hashOf, loadTable } from '../dataset/resolve.ts';
import { calibration } from '../measure/calibration.ts';
import { heldOut, logProbs } from '../measure/held-out.ts';
import { roundTrip } from '../measure/round-trip.ts';
import { solveStatistics } from '../measure/solve-statistics.ts';
import { dataKey, sameData } from '../run/data.ts';
import { loadRun, scaleOf, type LoadedRun } from '../run/load.ts';
import { drawSamples } from '../run/pictures.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { number, table } from '../terminal/table.ts';
import { note, report, type ComputingOptions } from './context.ts';

export interface EvaluateOptions extends ComputingOptions {
  /** Default: the test rows of the run. */
  readonly data?: string;
}

/** Held-out figures of a run. */
export const evaluate = async (run: string, options: EvaluateOptions): Promise<number> => {
  const started = performance.now();
  await startForRun(run, options);
  const loaded = await loadRun(run, await withPlugins(options.plugin));
  const rows = await rowsFor(loaded, options);
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
export const rowsFor = async ({ record, checkpoint, paths }: Pick<LoadedRun, 'record' | 'checkpoint' | 'paths'>, { data, ...options }: EvaluateOptions): Promise<Table> => {
  if (data === undefined) return (await sameData(record, checkpoint.seed, paths.folder)).test;
  const rows = await modelColumns(data, record);
  const { hash } = (record.provenance ?? {}) as { readonly hash?: string };
  if (hash !== undefined && hash === hashOf(rows)) note(options, `${data} holds the rows of the run, those that it was trained on too: leave --data out for the held-out ones.`);
  return dequantise(rows, record.dequantised, fold(dataKey(checkpoint.seed), 4));
};

/** The columns of the model from a data source, whatever others it has. @throws `input` where one is missing. */
export const modelColumns = async (data: string, { columns }: Pick<LoadedRun['record'], 'columns'>): Promise<Table> => {
  try {
    return await loadTable({ data, columns });
  } catch (error) {
    const whole = await loadTable({ data }).catch((reason: unknown) => { throw extname(data) === '.npy' ? reason : error; });
    // Without names on either side, as in a .npy file or an imported model, the order has to do.
    const unnamed = (list: readonly string[]): boolean => list.every((name, i) => name === `x${i}`);
    if (!unnamed(whole.columns) && !unnamed(columns)) throw error;
    if (whole.columns.length === columns.length) return { ...whole, columns };
    throw new FlowError('input', 'cli', `${data} does not fit the model`, {
      expected: `${columns.length} columns (${columns.join(', ')})`, got: `${whole.columns.length} (${whole.columns.slice(0, 8).join(', ')})`, hint: 'Give the columns of the model, in this order.',
    });
  }
};
