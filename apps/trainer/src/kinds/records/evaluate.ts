import { isEstimated } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { valueEvents } from '../../measure/events.ts';
import { failedSolves } from '../../measure/failed-solves.ts';
import { finiteDensities } from '../../measure/finite.ts';
import { heldOut, withError, withErrorOrNull } from '../../measure/held-out.ts';
import { DRAWS, scored } from '../../measure/scored.ts';
import { solveStatistics } from '../../measure/solve-statistics.ts';
import type { RecordsModel } from '../../model/model.ts';
import { number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import type { Answer, EvaluateOptions } from '../run-commands.ts';
import { solvesTable } from '../solves-table.ts';
import { recordsFor } from './data.ts';

/** Held-out log-likelihood and solver statistics of a density of records. */
export const evaluateRecords = async (run: LoadedRun<RecordsModel>, options: EvaluateOptions): Promise<Answer> => {
  const started = performance.now();
  const { values, weights, source } = await recordsFor(run, options);
  const {
    model: { records, spec },
    checkpoint,
    paths,
    registries,
  } = run;
  const solves = solveStatistics();
  const failures = failedSolves(values.rows);
  const { densities, error: chance } = scored(records, valueEvents(records.eventsOf(values), [records.size]), {
    estimated: isEstimated(spec.flow, registries),
    report: (solve, first) => {
      solves.report(solve);
      failures.report(solve, first);
    },
  });
  const figures = heldOut(finiteDensities(densities), weights);
  // Called to throw if every solve failed. The count itself is not shown here.
  failures.count();
  const bits = { ...figures, nats: figures.nats / Math.LN2, standardError: figures.standardError / Math.LN2 };
  const json = {
    run: paths.folder,
    steps: checkpoint.step,
    seconds: (performance.now() - started) / 1000,
    source,
    heldOut: withErrorOrNull(figures),
    ...(chance === undefined ? {} : { estimate: { draws: DRAWS, standardError: chance.ofMean } }),
    bits: { mean: bits.nats, standardError: withErrorOrNull(bits).standardError },
    solves: solves.summary(),
  };
  return {
    json,
    text: () => `${source}: ${number(figures.rows)} rows

${table({
  head: ['held-out log-likelihood', 'per row'],
  rows: [
    ['nats', withError(figures)],
    ['bits', withError(bits)],
    ...(chance === undefined
      ? []
      : [[`standard error of the log-determinant estimate, ${DRAWS} draws`, `± ${number(chance.ofMean, 2)}`]]),
  ],
})}

${solvesTable(solves.summary())}`,
  };
};
