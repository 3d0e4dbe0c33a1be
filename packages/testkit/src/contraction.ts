import {
  key,
  drawNormal,
  scoped,
  sizeOf,
  valueAndGradients,
  type BackendAdapter,
  type Contraction,
  type NetLinearization,
} from '@impflow/core';
import { add, mul, reshape, slice, sum, variable, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { expectBound, expectBoundAfterRefreshes, expectBoundRestored } from './contraction-bound.ts';
import {
  conditioned,
  expectBoundForConditions,
  expectConditionGradient,
  expectConditionsOfRows,
} from './contraction-conditions.ts';
import { dot, firstOf, linear, values } from './contraction-measures.ts';
import { expectMethodsAgree } from './contraction-methods.ts';
import { expectPullback } from './contraction-pullback.ts';
import { expectOthersUntouched, expectRowsAlone } from './contraction-rows.ts';
import {
  expectDrawnSizes,
  expectLargeSizes,
  expectParametersFollowed,
  expectSameAfterMany,
} from './contraction-sizes.ts';
import { slopes, STEPS } from './differences.ts';
import { drawnAnew } from './drawn-anew.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';

/** Names of the laws, as keys of `except`. */
export type ContractionLaw =
  | 'no slope exceeds the bound'
  | 'a refresh restores the bound after parameters moved'
  | 'the bound holds for every condition'
  | 'gradients reach the condition'
  | 'a row depends on its own condition only'
  | 'jvp is the derivative'
  | 'vjp is the transpose of jvp'
  | 'all methods agree on the value and its tangents'
  | 'pullback is the gradient of value and products, for the input and every parameter'
  | 'the Jacobian and the images of the unit tangents agree with jvp'
  | 'a later linearization does not change an earlier one'
  | 'the result of a row does not depend on its batch'
  | 'a bad row does not change other rows'
  | 'the results depend on the present parameters'
  | 'gives the same results after many calls'
  | 'holds for wide events and long batches'
  | 'holds at sizes drawn anew'
  | 'returns its results and keeps nothing';

/** Options of {@link testContraction}. */
export interface ContractionSuite {
  /** Name of the map, in the titles of the tests. */
  readonly name: string;
  /** Makes the map, which should not be zero, because the zero map hides errors. Called on each backend. */
  readonly make: () => Contraction;
  /**
   * Makes a wide map of the same kind, for example with 48 entries in each layer. The laws about the bound and about
   * wide events also use this map. Default: none, so code for large sizes is not tested.
   */
  readonly wide?: () => Contraction;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /**
   * Size of the condition of a conditional map, its `conditionSize`. Most laws then use one random condition for all
   * rows; three laws are about conditions. Default 0.
   */
  readonly context?: number;
  /** `p` of the norm in which the bound holds. Default 2. */
  readonly order?: number;
  /**
   * Whether the map or its slope has jumps. Points at which the left and the right derivative differ are then skipped;
   * at least a third of the points must remain. Default false: all derivatives are compared.
   */
  readonly kinks?: boolean;
  /** Laws that this map does not keep, each with the reason. The report shows these laws as skipped. Default none. */
  readonly except?: Exceptions<ContractionLaw>;
}

/** Registers the laws of contractions on each backend. Call this function at the top level of a vitest file. */
export const testContraction = ({
  name,
  make,
  wide,
  backends,
  context = 0,
  order = 2,
  kinks = false,
  except = {},
}: ContractionSuite): void => {
  const law = laws<ContractionLaw>(except);
  const made = (of: () => Contraction): Contraction => conditioned(of(), context);
  /** Makes the wide map, and disposes its variables after use. */
  const withWide = (wide: () => Contraction, use: (large: Contraction) => void): void => {
    const large = made(wide);
    use(large);
    for (const owned of [...Object.values(large.parameters), ...Object.values(large.buffers)]) owned.dispose();
  };

  describe.each(backends)(`${name} on $name`, (backend) => {
    let net: Contraction;
    let g: Contraction;
    let x: Tensor;
    let t: Tensor;
    let w: Tensor;
    onBackend(backend);
    beforeAll(() => {
      net = make();
      g = made(() => net);
      g.refresh({ tolerance: 1e-5 });
      x = drawNormal(key(51), [5, ...g.shape]);
      t = drawNormal(key(52), [2, 5, ...g.shape]);
      w = drawNormal(key(53), [2, 5, ...g.shape]);
    });

    law('no slope exceeds the bound', () =>
      scoped(() => {
        expectBound(g, { order, pairs: 400, points: 50 });
        expectBoundAfterRefreshes(g, order, 'the map');
        if (wide !== undefined) withWide(wide, (large) => expectBoundAfterRefreshes(large, order, 'the wide map'));
      }),
    );

    if (context > 0) {
      law('the bound holds for every condition', () => expectBoundForConditions(net, context, order));
      law('gradients reach the condition', () => expectConditionGradient(net, context, { x, t, w }, kinks));
      law('a row depends on its own condition only', () => expectConditionsOfRows(net, context, { x, t }));
    }

    law('a refresh restores the bound after parameters moved', () =>
      scoped(() => {
        expectBoundRestored(g, order);
      }),
    );

    law('jvp is the derivative', () =>
      scoped(() => {
        const analytic = linear(g, x, (lin) => lin.jvp(t));
        const along = reshape(slice(t, [1, ...x.shape.map(() => 0)], [1, ...x.shape]), x.shape);
        const around = STEPS.map((shift) => values(g.apply(add(x, mul(along, shift)))));
        const compared = Array.from({ length: x.size }, (_, i) => {
          const { central, jump } = slopes(around.map((at) => at[i]!));
          if (kinks && jump > 1e-3) return false;
          expect(Math.abs(analytic[x.size + i]! - central), `entry ${i}`).toBeLessThan(2e-3);
          return true;
        });
        expect(compared.filter(Boolean).length).toBeGreaterThan(x.size / 3);
      }),
    );

    law('vjp is the transpose of jvp', () =>
      scoped(() => {
        const [there, back] = [linear(g, x, (lin) => lin.jvp(t)), linear(g, x, (lin) => lin.vjp(w))];
        const size = x.size / x.shape[0]!;
        // Each row is compared separately, because a sum over all rows would hide an error that mixes rows.
        for (let row = 0; row < 2 * x.shape[0]!; row++) {
          const part = <T extends { slice(from: number, to: number): T }>(of: T): T =>
            of.slice(row * size, (row + 1) * size);
          const [left, right] = [dot(part(there), part(values(w))), dot(part(back), part(values(t)))];
          expect(
            Math.abs(left - right),
            `row ${row % x.shape[0]!} of tangent ${Math.floor(row / x.shape[0]!)}: <w, J t> = ${left}, <J^T w, t> = ${right}`,
          ).toBeLessThan(2e-5);
        }
      }),
    );

    law('all methods agree on the value and its tangents', () => expectMethodsAgree(g, { x, t, w }));

    law('the Jacobian and the images of the unit tangents agree with jvp', () =>
      scoped(() => {
        const size = sizeOf(g.shape);
        for (const tracked of [true, false]) {
          const lin = g.linearize(x, { tracked });
          const { tangents, images } = lin.units();
          expectAgreement(values(images), values(lin.jvp(tangents)), {
            what: 'the images of the unit tangents',
            width: size,
            tolerance: 1e-6,
          });
          const [jacobian, columns] = [values(lin.jacobian()), values(images)];
          expect(lin.jacobian().shape).toEqual([5, size, size]);
          const expected = Float32Array.from(jacobian, (_, at) => {
            const [b, i, k] = [Math.floor(at / size ** 2), Math.floor(at / size) % size, at % size];
            return columns[(k * 5 + b) * size + i]!;
          });
          expectAgreement(jacobian, expected, { what: 'the Jacobian', width: size ** 2 });
          lin.dispose();
        }
      }),
    );

    law('pullback is the gradient of value and products, for the input and every parameter', () =>
      expectPullback(g, { x, t, w }, kinks),
    );

    law('a later linearization does not change an earlier one', () =>
      scoped(() => {
        const products = (lin: NetLinearization): readonly Float32Array[] => {
          const found = [
            lin.value,
            lin.jvp(t),
            lin.vjp(w),
            lin.pullback({ value: firstOf(w), pair: { pushed: lin.push(t), cotangents: w } }).x,
            lin.jacobian(),
          ].map(values);
          lin.dispose();
          return found;
        };
        const alone = products(g.linearize(x));
        const [first, second] = [g.linearize(x), g.linearize(mul(x, -0.5))];
        const beside = products(first);
        second.dispose();
        for (const [i, what] of ['the value', 'jvp', 'vjp', 'the pullback', 'the Jacobian'].entries()) {
          expectAgreement(beside[i]!, alone[i]!, {
            what: `${what} after another linearization`,
            width: sizeOf(g.shape),
            tolerance: 1e-6,
          });
        }
      }),
    );

    law('the result of a row does not depend on its batch', () => expectRowsAlone(g, { x, t }));

    law('a bad row does not change other rows', () => expectOthersUntouched(g, { x, t, w }));

    law('the results depend on the present parameters', () => expectParametersFollowed(made(make)));

    law('gives the same results after many calls', () => expectSameAfterMany(made(make)));

    law('holds for wide events and long batches', () => {
      expectLargeSizes(g, kinks, 'the map');
      if (wide !== undefined)
        withWide(wide, (large) => {
          large.refresh({ tolerance: 1e-5 });
          expectLargeSizes(large, kinks, 'the wide map');
        });
    });

    law('holds at sizes drawn anew', () => drawnAnew((k) => expectDrawnSizes(g, kinks, k)));

    law('returns its results and keeps nothing', () => {
      const use = (): void =>
        scoped(() => {
          for (const tracked of [true, false]) {
            const lin = g.linearize(x, { tracked });
            lin.jvp(t);
            lin.vjp(w);
            lin.jacobian();
            if (tracked) lin.pullback({ value: x, pair: { pushed: lin.push(t), cotangents: w } });
            lin.dispose();
          }
          const input = variable(x);
          valueAndGradients(() => sum(g.apply(input)), { input, ...g.parameters });
          input.dispose();
        });
      use();
      expectKept('linearizations, their products and the gradient on the tape', () => {
        use();
        return [];
      });
      expectKept('apply', () => [g.apply(x)])[0].dispose();
      const lin = g.linearize(x);
      for (const product of expectKept('jvp and vjp', () => [lin.jvp(t), lin.vjp(w)])) product.dispose();
      lin.dispose();
      expectKept('refresh, and what follows it', () => {
        g.refresh({ iterations: 1 });
        use();
        return [];
      });
      expect(
        [x, t, ...Object.values(g.parameters), ...Object.values(g.buffers)].every((kept) => !kept.isDisposed),
      ).toBe(true);
    });
  });
};
