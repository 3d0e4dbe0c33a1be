import { atMiddle, logDensitiesOf, type Values } from '@impflow/tables';
import { heldOut } from 'impflow/run';
import type { HeldOut } from '../../protocol/viewer.ts';
import { valuesOfPairs } from '../data/prepared.ts';
import { inOrder, rowsOf } from './evaluate.ts';
import type { Model } from './model.ts';
import type { PieceSize } from './pieces.ts';

/**
 * Computes `log p` of rows without gaps, in several pieces of work, as `impflow score` does. The result is NaN for rows
 * whose solve failed.
 */
const densitiesOf = (
  { density, estimated }: Model,
  pairs: Float32Array,
  pieceSize: PieceSize,
  valuesOf: (some: Values) => Values,
): Promise<Float32Array> =>
  inOrder(pairs.length / 2, pieceSize, rowsOf(pairs), (some) =>
    Float32Array.from(logDensitiesOf(density, density.eventsOf(valuesOf(valuesOfPairs(some))), { estimated }).values),
  );

/**
 * Returns `log p` of rows `[n, 2]`, equal to the output of `impflow score`. A column with repeated values gets noise
 * during training, so each of its values represents an interval. A repeated value is scored at the middle of its
 * interval.
 */
export const scoresOf = (model: Model, rows: Float32Array, pieceSize: PieceSize): Promise<Float32Array> =>
  densitiesOf(model, rows, pieceSize, (values) => atMiddle(values, model.density.spec.columns));

/**
 * Returns the mean of `-log p` over rows `[n, 2]`, and its standard error. In columns with repeated values, the rows
 * must already include the noise.
 */
export const heldOutOf = async (model: Model, rows: Float32Array, pieceSize: PieceSize): Promise<HeldOut> => {
  const scores = await densitiesOf(model, rows, pieceSize, (values) => values);
  const { nats, standardError } = heldOut(scores);
  return { nats, standardError, step: model.step, losses: scores.map((score) => -score) };
};
