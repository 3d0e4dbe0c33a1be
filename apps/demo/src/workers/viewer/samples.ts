import { key } from '@impflow/core';
import { drawValues, frameOfValues, toCsvFrame, type Values } from '@impflow/tables';
import { pairsOf } from '../data/prepared.ts';
import type { Model } from './model.ts';
import { inPieces, type PieceSize } from './pieces.ts';

/** Draws samples from the model. Each sample depends only on the seed and on its index. */
const drawn = async ({ density }: Model, count: number, seed: number, pieceSize: PieceSize): Promise<Values> => {
  const columns = [new Float64Array(count), new Float64Array(count)];
  await inPieces(count, pieceSize, (first, rows) => {
    const empty = { rows, columns: columns.map((column) => column.slice(0, rows)), remarks: [] };
    const { columns: own } = drawValues(density, empty, { key: key(seed), first });
    own.forEach((column, j) => columns[j]!.set(column, first));
  });
  return { rows: count, columns, remarks: [] };
};

/**
 * Returns `count` samples, `[count, 2]`. The command `impflow sample` draws the same samples with the same seed. The
 * samples are not rounded to the repeated values of a column, so they include the noise that training adds to such
 * columns.
 */
export const samplesOf = async (
  model: Model,
  count: number,
  seed: number,
  pieceSize: PieceSize,
): Promise<Float32Array> => pairsOf({ values: await drawn(model, count, seed, pieceSize) });

/**
 * Returns samples as a CSV file, equal to the output of `impflow sample`. If a column of the data has whole numbers,
 * the samples of this column are whole numbers.
 */
export const samplesAsCsv = async (
  model: Model,
  count: number,
  seed: number,
  pieceSize: PieceSize,
): Promise<string> => {
  const values = await drawn(model, count, seed, pieceSize);
  return toCsvFrame(frameOfValues(values, model.density.spec.columns, 'samples'));
};
