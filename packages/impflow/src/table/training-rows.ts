import { filledByDraws, filledByMedian, fitApproximation, joinedValues, layoutOf, recordsSpec } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { Settings } from '../options/settings.ts';
import type { Part } from './part.ts';
import type { TableParts } from './split.ts';

/**
 * Returns the training rows without gaps: rows that had no gaps, and rows whose gaps are filled as the option `missing`
 * says.
 */
export const trainingRows = (
  { train, withGaps, fitted }: TableParts,
  { missing, seed }: Pick<Settings, 'missing' | 'seed'>,
): Part => {
  if (withGaps.values.rows === 0) return train;
  const layout = layoutOf(fitted);
  const filled =
    missing === 'median'
      ? filledByMedian(withGaps.values, layout, train.values)
      : filledByDraws(
          fitApproximation(recordsSpec(fitted, train.values), train.values, runKey(seed, 'mixture')),
          withGaps.values,
          runKey(seed, 'data'),
        );
  return {
    cells: joinedValues([train.cells, filled]),
    values: joinedValues([train.values, filled]),
    weights: Float64Array.from([...train.weights, ...withGaps.weights]),
  };
};
