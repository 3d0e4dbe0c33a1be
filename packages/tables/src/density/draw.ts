import { fold, forRows, fromRow, type Key } from '@impflow/core';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { encodeRows, treeCodes } from '../columns/encode.ts';
import { isInTree } from '../columns/layout.ts';
import type { Values } from '../columns/values.ts';
import { drawCategories } from '../tree/tree-draws.ts';
import { leastRows, paddedRows } from './least-rows.ts';
import type { RecordFlow } from './record-flow.ts';

/** Largest number of rows that are drawn in one call of the flow. */
const ROWS = 2048;

/**
 * Draws the targets of records, given their conditions. Only categories that training saw are drawn. Targets in `given`
 * are ignored, and a condition in `given` may be missing only if its column has a value for gaps. The random numbers of row `i` depend only on the key and on
 * the number `first + i`.
 *
 * @returns Values of all columns. Numbers of a column with a resolution contain noise.
 */
export const drawValues = (
  { spec, flow, layout }: RecordFlow,
  given: Values,
  { key, temperature = 1, first = 0 }: { readonly key: Key; readonly temperature?: number; readonly first?: number },
): Values => {
  const { rows } = given;
  const columns = given.columns.map((values) => values.slice());
  const values: Values = { rows, columns, remarks: given.remarks };
  if (spec.tree !== undefined) {
    const names = layout.inTree;
    const codes = treeCodes(values, layout).map((column, i) =>
      spec.columns[names[i]!]!.given === true ? column : new Int32Array(rows).fill(-1),
    );
    const drawn = drawCategories(spec.tree, codes, fromRow(fold(key, 0), first));
    spec.columns.filter(isInTree).forEach((column, i) => {
      if (column.kind === 'category' && column.given !== true) columns[names[i]!]!.set(drawn[i]!);
    });
  }
  const d = layout.numbers.length;
  for (let from = 0; from < rows; from += ROWS) {
    const count = Math.min(ROWS, rows - from);
    const part: Values = {
      rows: count,
      columns: columns.map((column) => column.slice(from, from + count)),
      remarks: [],
    };
    const { contextSize } = layout;
    const context = paddedRows(encodeRows(part, layout).context, contextSize, leastRows(d));
    const padded = Math.max(count, leastRows(d));
    const names = Array.from({ length: padded }, (_, i) => first + from + i);
    const sample = tidy(() =>
      flow.sample(padded, {
        key: forRows(fold(key, 1), names),
        temperature,
        ...(contextSize === 0 ? {} : { condition: tensor(context, [padded, contextSize]) }),
      }),
    );
    const numbers = sample.dataSync() as Float32Array;
    sample.dispose();
    layout.numbers.forEach((j, i) => {
      for (let row = 0; row < count; row++) columns[j]![from + row] = numbers[row * d + i]!;
    });
  }
  return values;
};
