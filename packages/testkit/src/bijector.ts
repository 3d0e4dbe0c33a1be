import {
  fold, key, normal, normals, scoped, sizeOf, valueAndGradients,
  type BackendAdapter, type Bijector, type Context, type Key, type Transformed,
} from '@impflow/core';
import { add, memory, mul, ones, sum, tensor, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { derivative, logAbsDet, STENCIL } from './differences.ts';

/** The laws by name, so that an exception can be declared. */
export type BijectorLaw =
  | 'the inverse undoes forward and forward the inverse'
  | 'the log-determinant is that of the Jacobian'
  | 'the log-determinants of the two directions cancel'
  | 'the methods without a log-determinant give the same value'
  | 'gradients of forward reach every parameter and the input'
  | 'gradients of the inverse reach every parameter and the input'
  | 'a row alone is the row in a batch'
  | 'a bad row touches no other'
  | 'returns its results and keeps nothing'
  | 'a wrong shape is an error';

export interface BijectorSuite {
  readonly name: string;
  /** Made anew on each backend. Away from the identity, or the laws say little. */
  readonly make: () => Bijector;
  /** Backends to keep the laws on. */
  readonly backends: readonly BackendAdapter[];
  /** Points of the domain, `[rows, ...shape]`, 0.05 or more from its ends. Default: standard normal. */
  readonly input?: (key: Key, rows: number) => Tensor;
  /** Size of the context of a conditional bijector: each row gets one of its own. Default 0. */
  readonly context?: number;
  /** Laws that this bijector does not keep, each with the reason: shown in the report. */
  readonly except?: Partial<Readonly<Record<BijectorLaw, string>>>;
}

/** Step of the differences: for functions of a scale of about one in float32. */
const STEP = 0.01;

/**
 * Registers the laws that every bijector keeps, on each backend, outside training. Call it at the top of a vitest file.
 *
 * @remarks Some hundred evaluations of a handful of rows; derivatives are compared with central differences of fourth order,
 * the log-determinant with that of the Jacobian of `forward` that they give.
 */
export const testBijector = ({ name, make, backends, input, context = 0, except = {} }: BijectorSuite): void => {
  const law = (title: BijectorLaw, body: () => void): void => {
    const reason = except[title];
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- the body of the law holds the assertions
    it.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (not kept: ${reason})`, body);
  };

  describe.each(backends)(`${name} on $name`, ({ start }) => {
    let bijector: Bijector;
    let at: Evaluator;
    let inputs: (rows: number) => readonly Row[];
    let images: (rows: number) => readonly Row[];
    beforeAll(async () => {
      await start();
      bijector = make();
      at = evaluator(bijector);
      inputs = (rows) => scoped(() => withConditions(split(input === undefined ? normal(key(41), [rows, ...bijector.shape]) : input(key(41), rows)), context));
      images = (rows) => withConditions(at('forwardWithLogDet', inputs(rows)).map(({ value }) => value), context);
    });

    law('the inverse undoes forward and forward the inverse', () => {
      const [x, z] = [inputs(12), images(12)];
      expect(furthest(at('inverseWithLogDet', moved(x, at('forwardWithLogDet', x))), x)).toBeLessThan(1e-4);
      expect(furthest(at('forwardWithLogDet', moved(z, at('inverseWithLogDet', z))), z)).toBeLessThan(1e-4);
    });

    law('the log-determinant is that of the Jacobian', () => {
      const x = inputs(6);
      const determinants = jacobians(at, x).map(logAbsDet);
      at('forwardWithLogDet', x).forEach(({ logDet }, i) => expect(Math.abs(logDet - determinants[i]!)).toBeLessThan(1e-3));
    });

    law('the log-determinants of the two directions cancel', () => {
      const x = inputs(12);
      const there = at('forwardWithLogDet', x);
      const back = at('inverseWithLogDet', moved(x, there));
      there.forEach(({ logDet }, i) => expect(Math.abs(logDet + back[i]!.logDet)).toBeLessThan(1e-4));
    });

    law('the methods without a log-determinant give the same value', () => {
      for (const [plain, full, rows] of [['forward', 'forwardWithLogDet', inputs(7)], ['inverse', 'inverseWithLogDet', images(7)]] as const) {
        const { x, call } = batchOf(bijector, rows);
        const values = scoped(() => split(bijector[plain](x, call)));
        expect(furthest(at(full, rows), values.map((point) => ({ point })))).toBeLessThan(1e-5);
      }
    });

    law('gradients of forward reach every parameter and the input', () => expectGradients(bijector, 'forwardWithLogDet', inputs(5)));
    law('gradients of the inverse reach every parameter and the input', () => expectGradients(bijector, 'inverseWithLogDet', images(5)));

    law('a row alone is the row in a batch', () => {
      for (const [method, rows] of [['forwardWithLogDet', inputs(20)], ['inverseWithLogDet', images(20)]] as const) {
        const batch = at(method, rows);
        for (const i of [0, 7, 19]) {
          const alone = at(method, [rows[i]!])[0]!;
          [...alone.value, alone.logDet].forEach((value, k) => {
            const inBatch = [...batch[i]!.value, batch[i]!.logDet][k]!;
            expect(Math.abs(value - inBatch)).toBeLessThan(1e-5 * Math.max(1, Math.abs(inBatch)));
          });
        }
      }
    });

    law('a bad row touches no other', () => {
      for (const [method, rows] of [['forwardWithLogDet', inputs(50)], ['inverseWithLogDet', images(50)]] as const) {
        const others = (bad?: number): readonly unknown[] => {
          const changed = bad === undefined ? rows : rows.with(17, { ...rows[17]!, point: rows[17]!.point.map(() => bad) });
          const slopes = gradientsOf(bijector, method, changed, {}).input;
          const width = slopes.length / rows.length;
          return [at(method, changed).toSpliced(17, 1), slopes.toSpliced(17 * width, width)];
        };
        const good = others();
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) expect(others(bad)).toEqual(good);
      }
    });

    law('returns its results and keeps nothing', () => {
      for (const [plain, full, rows] of [['forward', 'forwardWithLogDet', inputs(4)], ['inverse', 'inverseWithLogDet', images(4)]] as const) {
        gradientsOf(bijector, full, rows, bijector.parameters);
        const start = memory().numTensors;
        const { x, call } = batchOf(bijector, rows);
        const own = memory().numTensors;
        const value = bijector[plain](x, call);
        expect(memory().numTensors).toBe(own + 1);
        const both = bijector[full](x, call);
        expect(memory().numTensors).toBe(own + 3);
        expect(x.isDisposed).toBe(false);
        for (const t of [value, both.value, both.logDet, x, ...(call.condition === undefined ? [] : [call.condition])]) t.dispose();
        gradientsOf(bijector, full, rows, bijector.parameters);
        expect(memory().numTensors).toBe(start);
      }
    });

    law('a wrong shape is an error', () => {
      for (const method of ['forward', 'inverse', 'forwardWithLogDet', 'inverseWithLogDet'] as const) {
        const [last = 1, ...rest] = bijector.shape.toReversed();
        for (const shape of [[4, ...rest.toReversed(), last + 1], [4, ...bijector.shape, 1]]) {
          expect(() => scoped(() => bijector[method](ones(shape), { key: key(0) }))).toThrow(expect.objectContaining({ code: 'shape' }) as Error);
        }
      }
    });
  });
};

type Method = 'forwardWithLogDet' | 'inverseWithLogDet';

interface Row {
  readonly point: readonly number[];
  readonly condition?: readonly number[];
}

interface Outcome {
  readonly value: readonly number[];
  readonly logDet: number;
}

type Evaluator = (method: Method, rows: readonly Row[]) => readonly Outcome[];

/** A batch as arrays, row by row. */
const split = (x: Tensor): number[][] => {
  const values = Array.from(x.dataSync());
  const width = values.length / x.shape[0]!;
  return Array.from({ length: x.shape[0]! }, (_, i) => values.slice(i * width, (i + 1) * width));
};

const withConditions = (points: readonly (readonly number[])[], context: number): readonly Row[] =>
  points.map((point, i) => context === 0 ? { point } : { point, condition: [...normals(fold(key(42), i), context)] });

const moved = (rows: readonly Row[], to: readonly Outcome[]): readonly Row[] => rows.map((row, i) => ({ ...row, point: to[i]!.value }));

const batchOf = (bijector: Bijector, rows: readonly Row[]): { readonly x: Tensor; readonly call: Context } => ({
  x: tensor(rows.flatMap(({ point }) => point), [rows.length, ...bijector.shape]),
  call: { key: key(43), ...(rows[0]!.condition === undefined ? {} : { condition: tensor(rows.map(({ condition }) => [...condition!])) }) },
});

const evaluator = (bijector: Bijector): Evaluator => (method, rows) => scoped(() => {
  const { x, call } = batchOf(bijector, rows);
  const { value, logDet } = bijector[method](x, call);
  const logDets = logDet.dataSync();
  return split(value).map((row, i) => ({ value: row, logDet: logDets[i]! }));
});

const furthest = (outcomes: readonly Outcome[], rows: readonly Row[]): number =>
  Math.max(...outcomes.flatMap(({ value }, i) => value.map((entry, k) => Math.abs(entry - rows[i]!.point[k]!))));

/** The Jacobian of `forward` at each row by central differences: all shifted points of all rows in one batch. */
const jacobians = (at: Evaluator, rows: readonly Row[]): readonly (readonly (readonly number[])[])[] => {
  const d = rows[0]!.point.length;
  const shifted = rows.flatMap((row) => row.point.flatMap((entry, j) => STENCIL.map(([node]): Row => ({ ...row, point: row.point.with(j, entry + node * STEP) }))));
  const values = at('forwardWithLogDet', shifted).map(({ value }) => value);
  return rows.map((_, r) => Array.from({ length: d }, (_row, i) => Array.from({ length: d }, (_column, j) =>
    STENCIL.reduce((total, [, weight], s) => total + weight * values[(r * d + j) * STENCIL.length + s]![i]!, 0) / STEP)));
};

/** A fixed linear functional of all results: its weights for value and log-determinant. */
const functional = (bijector: Bijector, rows: number): { readonly onValue: Float64Array; readonly onLogDet: Float64Array } =>
  ({ onValue: normals(key(44), rows * sizeOf(bijector.shape)), onLogDet: normals(key(45), rows) });

/** Its gradients with respect to the input and to `parameters`. */
const gradientsOf = (bijector: Bijector, method: Method, rows: readonly Row[], parameters: Readonly<Record<string, Variable>>): Readonly<Record<string, number[]>> & { readonly input: number[] } =>
  scoped(() => {
    const { x, call } = batchOf(bijector, rows);
    const input = variable(x);
    const { onValue, onLogDet } = functional(bijector, rows.length);
    const { gradients } = valueAndGradients(() => {
      const { value, logDet }: Transformed = bijector[method](input, call);
      return add(sum(mul(value, tensor(Float32Array.from(onValue), value.shape))), sum(mul(logDet, tensor(Float32Array.from(onLogDet)))));
    }, { ...parameters, input });
    input.dispose();
    const numbers = Object.entries(gradients).map(([path, gradient]) => [path, Array.from(gradient.dataSync())] as const);
    return { ...Object.fromEntries(numbers), input: numbers.at(-1)![1] };
  });

/**
 * Compares each gradient with differences along a direction of its own, half along the gradient and half at random: an error
 * shows whether it lies in the size of the gradient or across it. To 5e-3 of its norm and what float32 can show.
 */
const expectGradients = (bijector: Bijector, method: Method, rows: readonly Row[]): void => {
  const at = evaluator(bijector);
  const { onValue, onLogDet } = functional(bijector, rows.length);
  const width = onValue.length / rows.length;
  const value = (points: readonly Row[]): number => at(method, points).reduce((total, outcome, i) =>
    total + onLogDet[i]! * outcome.logDet + outcome.value.reduce((part, entry, k) => part + onValue[i * width + k]! * entry, 0), 0);
  const gradients = gradientsOf(bijector, method, rows, bijector.parameters);
  for (const [path, gradient] of Object.entries(gradients)) {
    const norm = Math.hypot(...gradient);
    expect(norm, `${path} gets no gradient`).toBeGreaterThan(0);
    const draw = normals(key(46), gradient.length);
    const length = Math.hypot(...draw);
    const direction = gradient.map((entry, i) => (entry / norm + draw[i]! / length) / 2);

    const target = bijector.parameters[path];
    const present = target === undefined ? undefined : Float32Array.from(target.dataSync());
    const difference = derivative((shift) => {
      if (target === undefined) return value(rows.map((row, r) => ({ ...row, point: row.point.map((entry, k) => entry + shift * direction[r * width + k]!) })));
      assign(target, present!.map((entry, i) => entry + shift * direction[i]!));
      return value(rows);
    }, STEP);
    if (target !== undefined) assign(target, present!);
    const slope = gradient.reduce((total, entry, i) => total + entry * direction[i]!, 0);
    expect(Math.abs(slope - difference), `${path}: gradient ${slope}, difference ${difference}`).toBeLessThan(5e-3 * norm + 5e-4);
  }
};

const assign = (target: Variable, values: Float32Array): void => {
  const next = tensor(values, target.shape);
  target.assign(next);
  next.dispose();
};
