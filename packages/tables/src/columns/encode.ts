import type { Layout } from './layout.ts';
import type { ColumnSpec, NumberColumn } from './spec.ts';
import type { Values } from './values.ts';

/** Records as inputs of the flow: the target numbers and the contexts. */
interface EncodedRows {
  /** Number of records. */
  readonly rows: number;
  /** The target numbers of the records, `[rows, d]`. NaN marks a missing value. */
  readonly numbers: Float32Array;
  /** The encoded categories and conditions of the records (contexts), `[rows, m]`. NaN marks a missing value. */
  readonly context: Float32Array;
}

/** Encodes records as inputs of the flow. */
export const encodeRows = (values: Values, layout: Layout): EncodedRows => {
  const { rows, columns } = values;
  const { numbers: targets, contextSize: m, columns: specs } = layout;
  const d = targets.length;
  const numbers = new Float32Array(rows * d);
  targets.forEach((j, i) => {
    for (let row = 0; row < rows; row++) numbers[row * d + i] = columns[j]![row]!;
  });
  const context = new Float32Array(rows * m);
  specs.forEach((column, j) => {
    const { first, width } = layout.context[j]!;
    if (width === 0) return;
    for (let row = 0; row < rows; row++) writeContext(context, row * m + first, column, columns[j]![row]!);
  });
  return { rows, numbers, context };
};

/** Writes the encoding of one cell into the context of its record. */
const writeContext = (context: Float32Array, at: number, column: ColumnSpec, value: number): void => {
  if (column.kind === 'category') {
    // A category that training did not see is encoded as zeros, because training would never change the weights of a
    // separate entry.
    for (let code = 0; code < column.levels.length; code++)
      context[at + code] = Number.isNaN(value) ? NaN : Number(code === value);
    return;
  }
  const { fill } = column;
  const gap = Number.isNaN(value) && fill !== undefined;
  const encoded = encodedNumber(gap ? fill : value, column);
  context.set(encoded, at);
  if (fill !== undefined) context[at + encoded.length] = Number(gap);
};

const encodedNumber = (value: number, { period, mean = 0, scale = 1 }: NumberColumn): readonly number[] => {
  if (period === undefined) return [(value - mean) / scale];
  const angle = (2 * Math.PI * value) / period;
  return [Math.cos(angle), Math.sin(angle)];
};

/**
 * Returns the category codes of the columns that are in the tree, `[columns][rows]`. A missing cell has the code -1.
 */
export const treeCodes = ({ columns }: Values, { inTree, columns: specs }: Layout): readonly Int32Array[] =>
  inTree.map((j) => {
    const column = specs[j]!;
    const bins = column.kind === 'number' ? column.bins! : undefined;
    return Int32Array.from(columns[j]!, (value) =>
      Number.isNaN(value) ? -1 : bins === undefined ? value : binOf(value, bins),
    );
  });

/** Returns the index of the bin that contains a value: the number of edges that are not larger than the value. */
const binOf = (value: number, edges: readonly number[]): number => {
  let bin = 0;
  while (bin < edges.length && value >= edges[bin]!) bin++;
  return bin;
};
