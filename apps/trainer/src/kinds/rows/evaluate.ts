import { isEstimated } from '@impflow/tables';
import { trainingScales, type LoadedRun } from '../../checkpoint/load-run.ts';
import { calibration } from '../../measure/calibration.ts';
import { rowEvents } from '../../measure/events.ts';
import { failedSolves } from '../../measure/failed-solves.ts';
import { finiteDensities, finiteErrors } from '../../measure/finite.ts';
import { heldOut, withError, withErrorOrNull } from '../../measure/held-out.ts';
import { roundTrip } from '../../measure/round-trip.ts';
import { DRAWS, scored } from '../../measure/scored.ts';
import { solveStatistics } from '../../measure/solve-statistics.ts';
import { drawSamples } from '../../model/draw-samples.ts';
import type { FlowModel } from '../../model/model.ts';
import { number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import type { Answer, EvaluateOptions } from '../run-commands.ts';
import { solvesTable } from '../solves-table.ts';
import { rowsFor } from './data.ts';

/** Held-out log-likelihood, calibration, round-trip error and solver statistics of a density of rows. */
export const evaluateRows = async (run: LoadedRun<FlowModel>, options: EvaluateOptions): Promise<Answer> => {
  const started = performance.now();
  const data = await rowsFor(run, options);
  const {
    model: { flow, spec },
    checkpoint,
    paths,
    registries,
  } = run;
  const solves = solveStatistics();
  const failures = failedSolves(data.rows);
  const { densities, error: chance } = scored(flow, rowEvents(data), {
    estimated: isEstimated(spec, registries),
    report: (solve, first) => {
      solves.report(solve);
      failures.report(solve, first);
    },
  });
  const figures = heldOut(finiteDensities(densities));
  // Called to throw if every solve failed. The count itself is not shown here.
  failures.count();
  const error = roundTrip(flow, rowEvents(data), trainingScales(spec), solves.report);
  finiteErrors([error]);
  const calibrated = calibration(data, drawSamples(flow, 4096, { seed: checkpoint.seed }));
  const bits = { ...figures, nats: figures.nats / Math.LN2, standardError: figures.standardError / Math.LN2 };
  const json = {
    run: paths.folder,
    steps: checkpoint.step,
    seconds: (performance.now() - started) / 1000,
    source: data.source,
    heldOut: withErrorOrNull(figures),
    ...(chance === undefined ? {} : { estimate: { draws: DRAWS, standardError: chance.ofMean } }),
    bits: { mean: bits.nats, standardError: withErrorOrNull(bits).standardError },
    roundTrip: error,
    calibration: calibrated,
    solves: solves.summary(),
  };
  return {
    json,
    text: () => `${data.source}: ${number(figures.rows)} rows

${table({
  head: ['held-out log-likelihood', 'per row'],
  rows: [
    ['nats', withError(figures)],
    ['bits', withError(bits)],
    ...(chance === undefined
      ? []
      : [[`standard error of the log-determinant estimate, ${DRAWS} draws`, `± ${number(chance.ofMean, 2)}`]]),
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(error, 2)],
  ],
})}

${table({
  head: ['calibration: share of rows inside', 'the central 50 %', 'the central 90 %'],
  rows: calibrated.map(({ column, inside50, inside90 }) => [column, inside50, inside90]),
  digits: 3,
})}

${solvesTable(solves.summary())}`,
  };
};
