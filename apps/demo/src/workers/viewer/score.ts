import { fold, key } from '@impflow/core';
import { centered } from '@impflow/tables';
import { meanOf } from '../../mean.ts';
import type { HeldOut } from '../../protocol/viewer.ts';
import { inOrder, numbersOf, rowKey, rowsOf } from './evaluate.ts';
import type { Model } from './model.ts';
import { throttledYield, type PieceSize } from './pieces.ts';

/** Number of rows that the command line evaluates together under one key: it must be equal to give the same bits. */
export const BLOCK = 2048;

/**
 * `log p` of rows `[n, 2]`, equal to `impflow score` to the bit; repeated values are scored at the middle of their
 * interval. Answers other calls only between blocks of rows.
 */
export const scoresOf = async (model: Model, rows: Float32Array): Promise<Float32Array> => {
  const { columns = ['x0', 'x1'], dequantised } = model;
  const middles = centered(rows, columns, dequantised);
  const scores = new Float32Array(rows.length / 2);
  const pause = throttledYield();
  for (let first = 0; first < scores.length; first += BLOCK) {
    await pause();
    const block = rowsOf(middles)(first, BLOCK);
    scores.set(
      numbersOf(block, (x) => model.flow.logProb(x, { key: fold(key(0), first) })),
      first,
    );
  }
  return scores;
};

/** Mean of `-log p` over rows `[n, 2]`, with its standard error. */
export const heldOutOf = async (model: Model, rows: Float32Array, pieceSize: PieceSize): Promise<HeldOut> => {
  const count = rows.length / 2;
  const scores = await inOrder(count, pieceSize, rowsOf(rows), (some, first) =>
    numbersOf(some, (x) => model.flow.logProb(x, { key: rowKey(first) })),
  );
  const losses = scores.map((score) => -score);
  return { ...meanOf(losses), step: model.step, losses };
};
