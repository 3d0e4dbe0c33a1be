import { key } from '@impflow/core';
import { drawValues, frameOfValues, toCsvFrame, type Values } from '@impflow/tables';
import { pairsOf } from '../data/prepared.ts';
import type { Model } from './model.ts';
import { inPieces, type PieceSize } from './pieces.ts';

/** Draws. Each depends only on the seed and on its own number. */
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
 * `count` samples, `[count, 2]`: the same as from `impflow sample` with the same seed. Columns whose values repeat
 * still have their noise.
 */
export const samplesOf = async (
  model: Model,
  count: number,
  seed: number,
  pieceSize: PieceSize,
): Promise<Float32Array> => pairsOf({ values: await drawn(model, count, seed, pieceSize) });

/** The samples as a CSV file, the same as from `impflow sample`. Columns of whole numbers hold whole numbers again. */
export const samplesAsCsv = async (
  model: Model,
  count: number,
  seed: number,
  pieceSize: PieceSize,
): Promise<string> => {
  const values = await drawn(model, count, seed, pieceSize);
  return toCsvFrame(frameOfValues(values, model.density.spec.columns, 'samples'));
};
