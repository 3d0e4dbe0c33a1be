import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';

/**
 * Returns the measured parts of docs/benchmarks-estimators.md.
 *
 * @param {readonly any[]} records
 */
export const estimatorsTexts = (records) => ({
  from: measuredBy('estimators', records),
  ...Object.fromEntries(
    records
      .filter(({ seed }) => seed === undefined)
      .map(({ job, rows }) => [
        job,
        tableText(
          ['estimator', 'variance', 'ms', 'variance x ms, relative to roulette'],
          rows.map((/** @type {any} */ { estimator, variance, ms, work }) => [
            estimator,
            variance.toExponential(2),
            ms.toFixed(0),
            (work / rows[0].work).toFixed(2),
          ]),
        ),
      ]),
  ),
  trainings: tableText(
    ['data', 'seed', 'seconds', 'estimator', 'steps', 'held out', 'unit'],
    records
      .filter(({ seed }) => seed !== undefined)
      .flatMap(({ data, seed, seconds, rows }) =>
        rows.map((/** @type {any} */ { estimator, steps, heldOut, standardError, unit }) => [
          data,
          seed,
          seconds,
          estimator,
          steps,
          `${heldOut.toFixed(3)} ± ${standardError.toFixed(3)}`,
          unit,
        ]),
      ),
  ),
});
