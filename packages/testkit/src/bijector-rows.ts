import { fold, key, normals, scoped, type Bijector, type Context } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

export type Method = 'forwardWithLogDet' | 'inverseWithLogDet';

export interface Row {
  readonly point: readonly number[];
  readonly condition?: readonly number[];
}

export interface Outcome {
  readonly value: readonly number[];
  readonly logDet: number;
}

export type Evaluator = (method: Method, rows: readonly Row[]) => readonly Outcome[];

/** A batch as arrays, row by row. */
export const split = (x: Tensor): number[][] => {
  const values = Array.from(x.dataSync());
  const width = values.length / x.shape[0]!;
  return Array.from({ length: x.shape[0]! }, (_, i) => values.slice(i * width, (i + 1) * width));
};

/** Points as rows, each with a context of its own where `context` is not zero: the same whatever the number of rows. */
export const withConditions = (points: readonly (readonly number[])[], context: number): readonly Row[] =>
  points.map((point, i) => context === 0 ? { point } : { point, condition: [...normals(fold(key(42), i), context)] });

/** The rows at the points that they were mapped to. */
export const moved = (rows: readonly Row[], to: readonly Outcome[]): readonly Row[] => rows.map((row, i) => ({ ...row, point: to[i]!.value }));

/** Rows as what a method takes. */
export const batchOf = (bijector: Bijector, method: Method | 'forward' | 'inverse', rows: readonly Row[]): { readonly x: Tensor; readonly call: Context } => ({
  x: tensor(rows.flatMap(({ point }) => point), [rows.length, ...(method.startsWith('forward') ? bijector.shape : bijector.outputShape)]),
  call: { key: key(43), ...(rows[0]!.condition === undefined ? {} : { condition: tensor(rows.map(({ condition }) => [...condition!])) }) },
});

/** A method on rows of numbers. */
export const evaluator = (bijector: Bijector): Evaluator => (method, rows) => scoped(() => {
  const { x, call } = batchOf(bijector, method, rows);
  const { value, logDet } = bijector[method](x, call);
  const logDets = logDet.dataSync();
  return split(value).map((row, i) => ({ value: row, logDet: logDets[i]! }));
});

/** Value and log-determinant of each row, one after the other. */
export const numbers = (outcomes: readonly Outcome[]): number[] => outcomes.flatMap(({ value, logDet }) => [...value, logDet]);
