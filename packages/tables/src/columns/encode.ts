import type { Layout } from './layout.ts';
import type { ColumnSpec, NumberColumn } from './spec.ts';
import type { Values } from './values.ts';

/** Records as the flow sees them: target numbers and contexts. */
interface EncodedRows {
  /** Number of rows. */
  readonly rows: number;
  /** Target numbers `[rows, d]`. NaN is a gap. */
  readonly numbers: Float32Array;
  /** Contexts `[rows, m]`. NaN is a gap. */
  readonly context: Float32Array;
}

/** Encodes records for the flow. */
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

/** Writes the encoding of one cell into a context. */
const writeContext = (context: Float32Array, at: number, column: ColumnSpec, value: number): void => {
  if (column.kind === 'category') {
    // An unseen category is encoded as zeros: the weights of a separate entry would never be trained.
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

/** Returns the codes of the columns in the tree, `[columns][rows]`, with -1 for a gap. */
export const treeCodes = ({ columns }: Values, { inTree, columns: specs }: Layout): readonly Int32Array[] =>
  inTree.map((j) => {
    const column = specs[j]!;
    const bins = column.kind === 'number' ? column.bins! : undefined;
    return Int32Array.from(columns[j]!, (value) =>
      Number.isNaN(value) ? -1 : bins === undefined ? value : binOf(value, bins),
    );
  });

/** Returns the index of the bin of a value: the number of edges that are at most the value. */
const binOf = (value: number, edges: readonly number[]): number => {
  let bin = 0;
  while (bin < edges.length && value >= edges[bin]!) bin++;
  return bin;
};
