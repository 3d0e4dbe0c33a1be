import { key, drawNormal, scoped, type BackendAdapter, type Bijector, type Key } from '@impflow/core';
import { ones, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { expectOthersUntouched } from './bijector-bad-rows.ts';
import { expectGradients, gradientsOf, jacobians } from './bijector-derivatives.ts';
import { expectFarOut, expectSmall } from './bijector-far.ts';
import {
  batchOf,
  evaluator,
  moved,
  numbers,
  split,
  withConditions,
  type Evaluator,
  type Row,
} from './bijector-rows.ts';
import {
  expectDrawnSizes,
  expectFineGradientsAtZero,
  expectGradientSums,
  expectLongBatches,
  expectNothingSpecialAtZero,
  expectParametersFollowed,
  expectSameAfterMany,
  expectSmooth,
  type Directions,
  type Rows,
} from './bijector-sizes.ts';
import { logAbsDet } from './differences.ts';
import { drawnAnew } from './drawn-anew.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';
import { shiftParameters } from './shifted.ts';

/** Names of the laws, as keys of `except`. */
export type BijectorLaw =
  | 'inverse and forward undo each other'
  | 'the log-determinant agrees with the full Jacobian'
  | 'the log-determinants of the two directions cancel'
  | 'the inverse and the log-determinant are right far from zero'
  | 'the methods without a log-determinant give the same value'
  | 'gradients of forward reach every parameter and the input'
  | 'gradients of the inverse reach every parameter and the input'
  | 'the result of a row does not depend on its batch'
  | 'a bad row does not change other rows'
  | 'gradients are right where entries are zero'
  | 'the results depend on the present parameters'
  | 'gives the same results after many calls'
  | 'holds for long batches and single rows, in training and outside'
  | 'holds at sizes drawn anew'
  | 'gradients are sums over the rows, in training'
  | 'is smooth on a small scale'
  | 'returns its results and keeps nothing'
  | 'a wrong shape is an error';

/** Options of {@link testBijector}. */
export interface BijectorSuite {
  /** Name of the bijector, in the titles of the tests. */
  readonly name: string;
  /**
   * Makes the bijector. The bijector should not be the identity map, which hides errors: see {@link lively}. Called on
   * each backend.
   */
  readonly make: () => Bijector;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /**
   * Draws points of the domain, `[rows, ...shape]`, at least 0.05 from its boundary. By default, points are standard
   * normal. The law about points far from zero then uses points up to 10 standard deviations from zero. If `input` is
   * given, the law about points far from zero checks nothing.
   */
  readonly input?: (key: Key, rows: number) => Tensor;
  /** Size of the condition of a conditional bijector. Each row gets its own condition. Default 0. */
  readonly context?: number;
  /**
   * Whether slopes or log-determinants have kinks or jumps. Differences across a kink are then skipped, the
   * log-determinants of a third of the rows may differ from the Jacobian by differences, and zero may be a kink.
   * Default false.
   */
  readonly kinks?: boolean;
  /**
   * Laws that this bijector does not keep, each with the reason. The report shows these laws as skipped. Default none.
   */
  readonly except?: Exceptions<BijectorLaw>;
}

/**
 * Registers the laws of bijectors on each backend. Call this function at the top level of a vitest
 * file.
 *
 * @remarks Makes about a hundred evaluations of a few rows. Derivatives are compared with central differences of fourth
 * order, and log-determinants with the Jacobian of `forward` by these differences.
 */
export const testBijector = ({
  name,
  make,
  backends,
  input,
  context = 0,
  kinks = false,
  except = {},
}: BijectorSuite): void => {
  const law = laws<BijectorLaw>(except);

  describe.each(backends)(`${name} on $name`, (backend) => {
    let bijector: Bijector;
    let at: Evaluator;
    let inputs: Rows;
    let images: Rows;
    let directions: Directions;
    /** The bijector with its initial parameters, and with moved parameters. */
    let states: readonly (readonly [state: string, at: Evaluator])[];
    onBackend(backend);
    beforeAll(() => {
      bijector = make();
      at = evaluator(bijector);
      states = [['as made', at]];
      if (Object.keys(bijector.parameters).length > 0) {
        const trained = make();
        shiftParameters(trained.parameters, SHIFT);
        trained.refresh({ tolerance: 1e-5 });
        states = [...states, ['with its parameters moved', evaluator(trained)]];
      }
      inputs = (rows, k = key(41)) =>
        scoped(() =>
          withConditions(
            split(input === undefined ? drawNormal(k, [rows, ...bijector.shape]) : input(k, rows)),
            context,
          ),
        );
      images = (rows, k) => {
        const from = inputs(rows, k);
        return moved(from, at('forwardWithLogDet', from));
      };
      directions = [
        ['forwardWithLogDet', inputs],
        ['inverseWithLogDet', images],
      ];
    });

    law('inverse and forward undo each other', () => {
      const points = (rows: readonly Row[]): number[] => rows.flatMap(({ point }) => point);
      const values = (outcomes: ReturnType<Evaluator>): number[] => outcomes.flatMap(({ value }) => value);
      for (const [state, at] of states) {
        const x = inputs(12);
        const z = moved(x, at('forwardWithLogDet', x));
        const width = x[0]!.point.length;
        expectAgreement(values(at('inverseWithLogDet', z)), points(x), {
          what: `the inverse of forward, ${state}`,
          width,
          tolerance: 1e-4,
        });
        expectAgreement(values(at('forwardWithLogDet', moved(z, at('inverseWithLogDet', z)))), points(z), {
          what: `forward of the inverse, ${state}`,
          width,
          tolerance: 1e-4,
        });
      }
    });

    law('the log-determinant agrees with the full Jacobian', () => {
      const x = inputs(7);
      for (const [state, at] of states) {
        const determinants = jacobians(at, x).map(logAbsDet);
        const errors = at('forwardWithLogDet', x).map(({ logDet }, i) => logDet - determinants[i]!);
        expectSmall(errors, { what: `the error of the log-determinant, ${state}`, tolerance: 1e-3, kinks });
        // If the slope jumps between two points, the finite differences of some rows are wrong. The median of the
        // errors still shows an error that all rows have.
        expect(Math.abs(median(errors)), `the median error of the rows, ${state}`).toBeLessThan(2e-4);
      }
    });

    law('the log-determinants of the two directions cancel', () => {
      const x = inputs(12);
      for (const [state, at] of states) {
        const there = at('forwardWithLogDet', x);
        const back = at('inverseWithLogDet', moved(x, there));
        expectAgreement(
          back.map(({ logDet }) => -logDet),
          there.map(({ logDet }) => logDet),
          { what: `the negative log-determinant of the inverse, ${state}`, tolerance: 1e-4 },
        );
      }
    });

    // Points far from zero are rare in training, but outliers lie there. An inverse that is right near zero may be
    // wrong far from zero.
    law('the inverse and the log-determinant are right far from zero', () => {
      // If `input` is given, points far from zero may lie outside the domain.
      if (input !== undefined) return;
      expectFarOut(at, inputs, kinks);
    });

    law('the methods without a log-determinant give the same value', () => {
      for (const [plain, full, rows] of [
        ['forward', 'forwardWithLogDet', inputs(7)],
        ['inverse', 'inverseWithLogDet', images(7)],
      ] as const) {
        const { x, call } = batchOf(bijector, plain, rows);
        const values = scoped(() => split(bijector[plain](x, call)));
        expectAgreement(
          values.flat(),
          at(full, rows).flatMap(({ value }) => value),
          { what: `the value of ${plain}`, width: values[0]!.length, tolerance: 1e-5 },
        );
      }
    });

    law('gradients of forward reach every parameter and the input', () =>
      expectGradients(bijector, 'forwardWithLogDet', inputs(5), kinks),
    );
    law('gradients of the inverse reach every parameter and the input', () =>
      expectGradients(bijector, 'inverseWithLogDet', images(5), kinks),
    );

    law('the result of a row does not depend on its batch', () => {
      for (const [method, rows] of [
        ['forwardWithLogDet', inputs(20)],
        ['inverseWithLogDet', images(20)],
      ] as const) {
        const batch = at(method, rows);
        for (const i of [0, 7, 19]) {
          const [alone, inBatch] = [numbers(at(method, [rows[i]!])), numbers([batch[i]!])];
          // The error of an entry above one is relative to the entry.
          const scale = inBatch.map((entry) => Math.max(1, Math.abs(entry)));
          const scaled = (entries: readonly number[]): number[] => entries.map((entry, k) => entry / scale[k]!);
          expectAgreement(scaled(alone), scaled(inBatch), {
            what: `${method}, row ${i} of 20 alone`,
            width: alone.length,
            tolerance: 1e-5,
          });
        }
      }
    });

    law('gradients are right where entries are zero', () => {
      // If `input` is given, points with zeros may lie outside the domain.
      if (input === undefined) expectFineGradientsAtZero(bijector, directions);
    });

    law('the results depend on the present parameters', () => expectParametersFollowed(make(), directions));

    law('gives the same results after many calls', () => expectSameAfterMany(make(), directions));

    law('holds for long batches and single rows, in training and outside', () =>
      expectLongBatches(bijector, directions),
    );

    law('holds at sizes drawn anew', () => drawnAnew((k) => expectDrawnSizes(bijector, directions, k)));

    law('gradients are sums over the rows, in training', () => expectGradientSums(bijector, inputs));

    law('is smooth on a small scale', () => {
      expectSmooth(at, directions);
      if (input === undefined) expectNothingSpecialAtZero(at, directions, kinks);
    });

    law('a bad row does not change other rows', () => expectOthersUntouched(bijector, inputs(50), images(50)));

    law('returns its results and keeps nothing', () => {
      for (const [plain, full, rows] of [
        ['forward', 'forwardWithLogDet', inputs(4)],
        ['inverse', 'inverseWithLogDet', images(4)],
      ] as const) {
        gradientsOf(bijector, full, rows, bijector.parameters);
        const { x, call } = batchOf(bijector, plain, rows);
        expectKept(plain, () => [bijector[plain](x, call)])[0].dispose();
        const both = expectKept(full, () => {
          const { value, logDet } = bijector[full](x, call);
          return [value, logDet];
        });
        expect(x.isDisposed).toBe(false);
        for (const t of [...both, x, ...(call.condition === undefined ? [] : [call.condition])]) t.dispose();
        expectKept(`the gradients of ${full}`, () => {
          gradientsOf(bijector, full, rows, bijector.parameters);
          return [];
        });
      }
    });

    law('a wrong shape is an error', () => {
      for (const method of ['forward', 'inverse', 'forwardWithLogDet', 'inverseWithLogDet'] as const) {
        const taken = method.startsWith('forward') ? bijector.shape : bijector.outputShape;
        for (const shape of [
          [4, ...taken.slice(0, -1), taken.at(-1)! + 1],
          [4, ...taken, 1],
        ]) {
          expect(() => scoped(() => bijector[method](ones(shape), { key: key(0) }))).toThrow(
            expect.objectContaining({ code: 'shape' }) as Error,
          );
        }
      }
    });
  });
};

/** Size of the shift of parameters. */
const SHIFT = 0.1;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
