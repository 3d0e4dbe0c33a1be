import { fold, key, normals, uniforms } from '@impflow/core';
import type { AnyRow } from 'impflow';

/** A kind of error in a cell: returns a wrong value for a right one, or undefined if there is none. */
type Error = (value: unknown, others: readonly unknown[], u: number) => unknown;

const spread = (values: readonly unknown[]): number => {
  const numbers = values as readonly number[];
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length);
};

/** Kinds of errors: a slip of the decimal point, a shift by four standard deviations, the cell of another row. */
export const ERRORS = {
  slip: (value) => (typeof value === 'number' ? value * 10 : undefined),
  shift: (value, others, u) =>
    typeof value === 'number' ? Math.round(value + (u < 0.5 ? -4 : 4) * spread(others)) : undefined,
  other: (value, others, u) => {
    const wrong = others.filter((each) =>
      typeof value === 'number' ? Math.abs((each as number) - value) > 2 * spread(others) : each !== value,
    );
    return wrong[Math.floor(u * wrong.length)];
  },
} satisfies Readonly<Record<string, Error>>;

/** A row with one wrong cell. */
export interface Spoiled {
  readonly right: AnyRow;
  readonly row: AnyRow;
  readonly column: string;
}

/** Replaces one cell of each of `count` random rows of a table by a wrong value. */
export const spoiledRows = (rows: readonly AnyRow[], error: Error, count: number, seed: number): readonly Spoiled[] => {
  const u = uniforms(key(seed), 3 * count);
  return Array.from({ length: count }, (_, i) => {
    const right = rows[Math.floor(u[3 * i]! * rows.length)]!;
    const columns = Object.keys(right);
    const column = columns[Math.floor(u[3 * i + 1]! * columns.length)]!;
    const wrong = error(
      right[column],
      rows.map((each) => each[column]),
      u[3 * i + 2]!,
    );
    return { right, column, row: { ...right, [column]: wrong as AnyRow[string] } };
  }).filter(({ row, column }) => row[column] !== undefined);
};

/** Rows with a category, three correlated numbers, one of them whole, and an independent positive number. */
export const syntheticRows = (count: number, seed: number): readonly AnyRow[] => {
  const [z, u] = [normals(fold(key(seed), 0), 4 * count), uniforms(fold(key(seed), 1), count)];
  return Array.from({ length: count }, (_, i) => {
    const [a, b, c, d] = z.slice(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const kind = u[i]! < 0.5 ? 'a' : u[i]! < 0.8 ? 'b' : 'c';
    const center = { a: 0, b: 3, c: -3 }[kind];
    return {
      kind,
      x: center + a,
      y: 10 + 1.6 * a + 1.2 * b + center,
      count: Math.round(50 + 10 * c + 5 * a),
      w: Math.exp(1 + 0.3 * d + 0.2 * b),
    };
  });
};
