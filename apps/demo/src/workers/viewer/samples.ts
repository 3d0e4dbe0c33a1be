import { fold, fromRow, key, scoped } from '@impflow/core';
import { onGrid, toCsvText } from '@impflow/tables';
import { slice } from '@tensorflow/tfjs-core';
import type { Model } from './model.ts';
import { inPieces, type PieceSize } from './pieces.ts';
import { BLOCK } from './score.ts';

/** `count` samples, `[count, 2]`: those of `impflow sample` with the same seed, up to rounding. */
export const samplesOf = async (
  { flow }: Model,
  count: number,
  seed: number,
  pieceSize: PieceSize,
): Promise<Float32Array> => {
  const out = new Float32Array(2 * count);
  for (let block = 0; block < count; block += BLOCK) {
    const drawn = fold(key(seed), block);
    // As `flow.sample` does, but with pauses. The base draws all rows of a block at once, because not every base can
    // draw them separately.
    const z = scoped(() => flow.base.sample(fold(drawn, 0), Math.min(BLOCK, count - block)));
    try {
      await inPieces(z.shape[0]!, pieceSize, (first, rows) => {
        const x = scoped(() => flow.decode(slice(z, [first, 0], [rows, 2]), { key: fromRow(fold(drawn, 1), first) }));
        out.set(x.dataSync<'float32'>(), 2 * (block + first));
        x.dispose();
      });
    } finally {
      z.dispose();
    }
  }
  return out;
};

/**
 * The samples as a CSV file, with the model's names of the columns. Columns that got noise are rounded back: whole
 * numbers to whole numbers, tenths to tenths.
 */
export const samplesAsCsv = async (
  model: Model,
  count: number,
  seed: number,
  pieceSize: PieceSize,
): Promise<string> => {
  const { columns = ['x0', 'x1'], dequantised } = model;
  return toCsvText({
    columns,
    rows: count,
    values: onGrid(await samplesOf(model, count, seed, pieceSize), columns, dequantised),
  });
};
