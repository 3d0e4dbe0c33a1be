import {
  fromRow,
  key,
  normals,
  scoped,
  sizeOf,
  valueAndGradients,
  type Bijector,
  type Transformed,
} from '@impflow/core';
import { add, mul, sum, tensor, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { batchOf, evaluator, type Evaluator, type Method, type Row } from './bijector-rows.ts';
import { slopes, STENCIL, STEPS } from './differences.ts';
import { noGradient } from './lively.ts';

/** Step of the finite differences, for float32 functions whose values are about one. */
const STEP = 0.01;

/**
 * Returns the Jacobian of `forward` at each row by central differences. All shifted points of all rows form one batch.
 */
export const jacobians = (at: Evaluator, rows: readonly Row[]): readonly (readonly (readonly number[])[])[] => {
  const d = rows[0]!.point.length;
  const shifted = rows.flatMap((row) =>
    row.point.flatMap((entry, j) =>
      STENCIL.map(([node]): Row => ({ ...row, point: row.point.with(j, entry + node * STEP) })),
    ),
  );
  const values = at('forwardWithLogDet', shifted).map(({ value }) => value);
  return rows.map((_, r) =>
    Array.from({ length: d }, (_row, i) =>
      Array.from(
        { length: d },
        (_column, j) =>
          STENCIL.reduce((total, [, weight], s) => total + weight * values[(r * d + j) * STENCIL.length + s]![i]!, 0) /
          STEP,
      ),
    ),
  );
};

/** Returns the weights of a fixed linear functional of values and log-determinants. */
const functional = (
  bijector: Bijector,
  rows: number,
  from = 0,
): { readonly onValue: Float64Array; readonly onLogDet: Float64Array } => ({
  onValue: normals(key(44), rows * sizeOf(bijector.shape), from * sizeOf(bijector.shape)),
  onLogDet: normals(key(45), rows, from),
});

/** Names of the gradients that are not gradients of parameters. */
const ARGUMENTS = ['condition', 'input'] as const;

/**
 * Returns the gradients of the linear functional with respect to `parameters`, the input, and the condition of a
 * conditional bijector. `part` is the first row of a part of a batch, which is then evaluated as in training.
 */
export const gradientsOf = (
  bijector: Bijector,
  method: Method,
  rows: readonly Row[],
  parameters: Readonly<Record<string, Variable>>,
  part?: number,
): Readonly<Record<string, number[]>> & { readonly input: number[] } =>
  scoped(() => {
    const mode = part === undefined ? {} : { train: true, key: fromRow(key(43), part) };
    const { x, call } = batchOf(bijector, method, rows, mode);
    const input = variable(x);
    const condition = call.condition === undefined ? undefined : variable(call.condition);
    const { onValue, onLogDet } = functional(bijector, rows.length, part);
    const { gradients } = valueAndGradients(
      () => {
        const { value, logDet }: Transformed = bijector[method](
          input,
          condition === undefined ? call : { ...call, condition },
        );
        return add(
          sum(mul(value, tensor(Float32Array.from(onValue), value.shape))),
          sum(mul(logDet, tensor(Float32Array.from(onLogDet)))),
        );
      },
      { ...parameters, ...(condition === undefined ? {} : { condition }), input },
    );
    input.dispose();
    condition?.dispose();
    // TensorFlow.js returns no gradient for variables that do not affect the loss.
    const numbers = Object.entries<Tensor | undefined>(gradients).map(
      ([path, gradient]) => [path, Array.from(gradient?.dataSync() ?? [])] as const,
    );
    return { ...Object.fromEntries(numbers), input: numbers.at(-1)![1] };
  });

/**
 * Compares each gradient with a finite difference along one direction. The direction is the mean of the direction of
 * the gradient and a random direction, to find errors along the gradient and across it. The tolerance is 5e-3 times the
 * norm of the gradient plus 5e-4 for rounding. With `kinks`, differences across a kink are skipped.
 */
export const expectGradients = (bijector: Bijector, method: Method, rows: readonly Row[], kinks: boolean): void => {
  const evaluate = evaluator(bijector);
  const { onValue, onLogDet } = functional(bijector, rows.length);
  const width = onValue.length / rows.length;
  const value = (points: readonly Row[]): number =>
    evaluate(method, points).reduce(
      (total, outcome, i) =>
        total +
        onLogDet[i]! * outcome.logDet +
        outcome.value.reduce((part, entry, k) => part + onValue[i * width + k]! * entry, 0),
      0,
    );
  const gradients = gradientsOf(bijector, method, rows, bijector.parameters);
  for (const [path, gradient] of Object.entries(gradients)) {
    const norm = Math.hypot(...gradient);
    expect(norm, noGradient(path)).toBeGreaterThan(0);
    const draw = normals(key(46), gradient.length);
    const length = Math.hypot(...draw);
    const direction = gradient.map((entry, i) => (entry / norm + draw[i]! / length) / 2);

    const target = (ARGUMENTS as readonly string[]).includes(path) ? undefined : bijector.parameters[path];
    const argument = path === 'condition' ? 'condition' : 'point';
    const entries = gradient.length / rows.length;
    const present = target === undefined ? undefined : Float32Array.from(target.dataSync());
    const at = (shift: number): number => {
      if (target === undefined)
        return value(
          rows.map((row, r) => ({
            ...row,
            [argument]: row[argument]!.map((entry, k) => entry + shift * direction[r * entries + k]!),
          })),
        );
      assign(
        target,
        present!.map((entry, i) => entry + shift * direction[i]!),
      );
      return value(rows);
    };
    const { central: difference, jump } = slopes(STEPS.map(at));
    if (target !== undefined) assign(target, present!);
    if (kinks && jump > 5e-3 * norm + 5e-4) continue;
    const slope = gradient.reduce((total, entry, i) => total + entry * direction[i]!, 0);
    expect(Math.abs(slope - difference), `${path}: gradient ${slope}, difference ${difference}`).toBeLessThan(
      5e-3 * norm + 5e-4,
    );
  }
};

const assign = (target: Variable, values: Float32Array): void => {
  const next = tensor(values, target.shape);
  target.assign(next);
  next.dispose();
};
