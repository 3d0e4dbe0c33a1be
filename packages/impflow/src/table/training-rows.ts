import { filledByDraws, filledByMedian, fitApproximation, joinedValues, layoutOf, recordsSpec } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { Settings } from '../options/settings.ts';
import type { Part } from './part.ts';
import type { TableParts } from './split.ts';

/**
 * Returns the training rows that have no gaps, followed by the rows whose gaps are filled according to the option
 * `missing`. With `median`, all filled cells of a column are equal, and get no noise.
 */
export const trainingRows = (
  { complete, withGaps, fitted }: TableParts,
  { missing, seed }: Pick<Settings, 'missing' | 'seed'>,
): Part => {
  if (withGaps.values.rows === 0) return complete;
  const layout = layoutOf(fitted);
  const filled =
    missing === 'median'
      ? filledByMedian(withGaps.values, layout, complete.values)
      : filledByDraws(
          fitApproximation(recordsSpec(fitted, complete.values), complete.values, runKey(seed, 'mixture')),
          withGaps.values,
          runKey(seed, 'data'),
        );
  return {
    cells: joinedValues([complete.cells, filled]),
    values: joinedValues([complete.values, filled]),
    weights: Float64Array.from([...complete.weights, ...withGaps.weights]),
  };
};
