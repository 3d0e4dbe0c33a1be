import { centered, writeTable, type Table } from '@impflow/data';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { rowEvents } from '../../measure/events.ts';
import { markNaN } from '../../measure/finite.ts';
import { DRAWS, scored } from '../../measure/scored.ts';
import { isEstimated } from '../../model/evaluation-estimator.ts';
import type { FlowModel } from '../../model/model.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import { note } from '../../terminal/output.ts';
import { table } from '../../terminal/table.ts';
import { percentile } from '../quantiles.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { modelColumns } from './data.ts';

/**
 * `log p` of every row of a file, its percentile among held-out rows, and whether every solve converged. Values of
 * dequantized columns are scored at the middle of their noise, so the log-density is that of the column with noise. The
 * score of a row does not depend on its place. If it is an estimate, the column `se` holds its standard error in nats.
 */
export const scoreRows = async (
  { model: { flow, spec }, record, registries }: LoadedRun<FlowModel>,
  file: string,
  options: ScoreOptions,
): Promise<Answer> => {
  if (options.out !== undefined) await assertNewFile(options.out, options.force);
  const given = await modelColumns(file, { record, registries }, options);
  for (const remark of given.remarks ?? []) note(options, remark);
  const data = { ...given, values: centered(given.values, given.columns, record.dequantised) };
  const converged = new Uint8Array(data.rows).fill(1);
  const { densities, error } = scored(flow, rowEvents(data), {
    estimated: isEstimated(spec, registries),
    report: ({ stats }, firstRow) => {
      stats.converged.forEach((flag, i) => {
        if (flag === 0) converged[firstRow + i] = 0;
      });
    },
  });
  markNaN(densities, converged);
  const quantiles = record.quantiles ?? [];
  const percentiles = Float32Array.from(densities, (density) => percentile(density, quantiles));
  const columns = {
    log_density: densities,
    percentile: percentiles,
    converged,
    ...(error === undefined ? {} : { se: error.each }),
  };
  const lists = Object.values(columns);
  const values = Float32Array.from(
    { length: lists.length * data.rows },
    (_, i) => lists[i % lists.length]![Math.floor(i / lists.length)]!,
  );
  const result: Table = { columns: Object.keys(columns), rows: data.rows, values, source: file };
  const failed = converged.reduce((count, flag) => count + (flag === 0 ? 1 : 0), 0);
  if (failed > 0)
    note(options, `${number(failed)} of ${number(data.rows)} rows did not converge: column "converged" is 0 for them.`);
  if (options.out !== undefined) await writeTable(options.out, result);
  if (quantiles.length === 0) note(options, 'No percentiles: the run was not finished, or imported.');
  if (error !== undefined)
    note(
      options,
      `Log-densities are estimates, the means of ${DRAWS} draws: "se" is the standard error in nats. ` +
        'For exact ones: --logdet exact, in time and memory that grow with the square of the columns.',
    );
  const order = Array.from({ length: data.rows }, (_, i) => i).sort((a, b) => densities[a]! - densities[b]!);
  const lowest = order
    .slice(0, 10)
    .map((row) => ({
      row: row + 1,
      logDensity: densities[row]!,
      percentile: percentiles[row]!,
      ...(error === undefined ? {} : { standardError: error.each[row]! }),
    }));
  const json = {
    file,
    rows: data.rows,
    unconverged: failed,
    lowest,
    ...(options.out === undefined
      ? {
          logDensity: [...densities],
          percentile: [...percentiles],
          ...(error === undefined ? {} : { standardError: [...error.each] }),
        }
      : { out: options.out }),
  };
  return {
    json,
    text: () => `${table({
      head: [
        'row',
        'log density (nats)',
        'percentile among held-out rows',
        ...(error === undefined ? [] : ['standard error (nats)']),
      ],
      rows: lowest.map(({ row, logDensity, percentile: p, standardError }) => [
        number(row),
        logDensity,
        p,
        ...(standardError === undefined ? [] : [standardError]),
      ]),
    })}
The ${lowest.length} least likely of ${number(data.rows)} rows.${options.out === undefined ? ' All of them: --out scores.csv' : ` All of them: ${options.out}`}`,
  };
};
