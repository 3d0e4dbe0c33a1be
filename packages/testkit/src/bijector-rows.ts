import { fold, key, normals, scoped, type Bijector, type Context } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/** A method that returns the value and the log-determinant. */
export type Method = 'forwardWithLogDet' | 'inverseWithLogDet';

/** An input of a bijector. */
export interface Row {
  /** The point, flattened. */
  readonly point: readonly number[];
  /** Context of the point. Absent for an unconditional bijector. */
  readonly condition?: readonly number[];
}

/** Result of a method for one row. */
export interface Outcome {
  /** The value, flattened. */
  readonly value: readonly number[];
  /** The log-determinant. */
  readonly logDet: number;
}

/** Calls a method with a batch of rows. */
export type Evaluator = (method: Method, rows: readonly Row[]) => readonly Outcome[];

/** Converts a batch to one array per row. */
export const split = (x: Tensor): number[][] => {
  const values = Array.from(x.dataSync());
  const width = values.length / x.shape[0]!;
  return Array.from({ length: x.shape[0]! }, (_, i) => values.slice(i * width, (i + 1) * width));
};

/**
 * Converts points to rows. If `context` is not zero, each row gets a random context of this size, which does not depend
 * on the number of rows.
 */
export const withConditions = (points: readonly (readonly number[])[], context: number): readonly Row[] =>
  points.map((point, i) => (context === 0 ? { point } : { point, condition: [...normals(fold(key(42), i), context)] }));

/** Returns the rows with the values of `to` as their points. */
export const moved = (rows: readonly Row[], to: readonly Outcome[]): readonly Row[] =>
  rows.map((row, i) => ({ ...row, point: to[i]!.value }));

/** How a method is called: in training or not, and the key. */
export type Mode = Partial<Pick<Context, 'train' | 'key'>>;

/** Converts rows to the arguments of a method. */
export const batchOf = (
  bijector: Bijector,
  method: Method | 'forward' | 'inverse',
  rows: readonly Row[],
  mode: Mode = {},
): { readonly x: Tensor; readonly call: Context } => ({
  x: tensor(
    rows.flatMap(({ point }) => point),
    [rows.length, ...(method.startsWith('forward') ? bijector.shape : bijector.outputShape)],
  ),
  call: {
    key: key(43),
    ...mode,
    ...(rows[0]!.condition === undefined ? {} : { condition: tensor(rows.map(({ condition }) => [...condition!])) }),
  },
});

/** Returns a function that calls the methods of `bijector` with rows of numbers. */
export const evaluator =
  (bijector: Bijector, mode: Mode = {}): Evaluator =>
  (method, rows) =>
    scoped(() => {
      const { x, call } = batchOf(bijector, method, rows, mode);
      const { value, logDet } = bijector[method](x, call);
      const logDets = logDet.dataSync();
      return split(value).map((row, i) => ({ value: row, logDet: logDets[i]! }));
    });

/** Returns the value and the log-determinant of each row in one array. */
export const numbers = (outcomes: readonly Outcome[]): number[] =>
  outcomes.flatMap(({ value, logDet }) => [...value, logDet]);
