import { key, normals, scoped, type BackendAdapter } from '@impflow/core';
import type { Layer, LayerGradient } from '@impflow/lipschitz';
import { tensor, Variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import {
  batch,
  compare,
  expectBounded,
  expectFarValues,
  indices,
  nearAndFar,
  ROWS,
  setting,
  SHIFTS,
  stack,
  units,
  values,
  whereMoved,
  WIDTH,
} from './activation-measures.ts';
import { expectNetOfLayers, layersWith, netWith } from './activation-net.ts';
import {
  expectCurvature,
  expectDrawnSizes,
  expectLargeSizes,
  expectNoSteepBand,
  expectParametersFollowed,
  expectSameAfterMany,
} from './activation-sizes.ts';
import { expectAgreement } from './agree.ts';
import { testContraction, type ContractionLaw } from './contraction.ts';
import { slopes, STEPS } from './differences.ts';
import { drawnAnew } from './drawn-anew.ts';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';

/**
 * Names of the laws, as keys of `except`: laws of the activation itself, and laws of a net that contains the
 * activation.
 */
export type ActivationLaw =
  | 'no slope of the activation exceeds the bound'
  | 'no slope exceeds the bound for other parameters'
  | 'is monotone if it is declared monotone'
  | 'jvp and vjp are its derivative'
  | 'pullback is the gradient of value and products'
  | 'a net computes what its layers compute'
  | 'is finite for finite input'
  | 'values far from zero agree with the slopes'
  | 'NaN stays NaN and does not change other rows'
  | ContractionLaw;

/** Options of {@link testActivation}. */
export interface ActivationSuite {
  /** Name of the activation, in the titles of the tests. */
  readonly name: string;
  /** Makes the activation. Called on each backend, and for each position in a net. */
  readonly activation: () => Layer;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /** Whether the value or the slope has jumps. Differences across a jump are then skipped. Default false. */
  readonly kinks?: boolean;
  /**
   * Laws that this activation does not keep, each with the reason. The report shows these laws as skipped. Default
   * none.
   */
  readonly except?: Exceptions<ActivationLaw>;
}

/**
 * Registers the laws of activations on each backend. An activation is a `Layer` of even width, elementwise or not,
 * `[B, n] -> [B, n]`. The laws of {@link testContraction} follow, for a net of three dense layers with the activation
 * between them. Call this function at the top level of a vitest file.
 */
export const testActivation = ({ name, activation, backends, kinks = false, except = {} }: ActivationSuite): void => {
  const law = laws<ActivationLaw>(except);

  describe.each(backends)(`${name} on $name`, (backend) => {
    let layer: Layer;
    onBackend(backend);
    beforeAll(() => {
      layer = activation();
    });

    law('no slope of the activation exceeds the bound', () =>
      scoped(() => {
        for (const points of nearAndFar()) expectBounded(layer, points);
        expectNoSteepBand(layer);
      }),
    );

    // If the slope is learned, the bound must hold for all values of the parameters.
    law('no slope exceeds the bound for other parameters', () =>
      whereMoved(layer, [-3, -1, 1, 3, 10], (by) => {
        for (const points of nearAndFar())
          expectBounded(layer, points.subarray(0, 200 * WIDTH), ` where the parameters moved by ${by}`);
      }),
    );

    // Sandwich nets require that a monotone layer is elementwise, with slopes from 0 to 1.
    law('is monotone if it is declared monotone', () =>
      scoped(() => {
        if (layer.monotone !== true) return;
        for (const points of nearAndFar()) {
          const slopes = values(layer.jvp(layer.trace(batch(points)), units(batch(points))));
          const off = slopes.findIndex((slope, i) =>
            Math.floor(i / points.length) === i % WIDTH ? !(slope >= -1e-6 && slope <= 1 + 1e-6) : slope !== 0,
          );
          if (off >= 0)
            expect.fail(
              `At ${points[off % points.length]}: expected a slope from 0 to 1, and zero between different entries, got ${slopes[off]}.`,
            );
        }
      }),
    );

    law('jvp and vjp are its derivative', () =>
      whereMoved(layer, [0, ...SHIFTS], (by) => {
        const { x, t, w } = setting();
        // The value is read first. An activation that stored its value at the last `trace` then returns an old value.
        const value = values(layer.value(batch(x)));
        const trace = layer.trace(batch(x));
        expectAgreement(values(trace.value), value, {
          what: `the value of the trace, parameters moved by ${by}`,
          width: WIDTH,
          tolerance: 1e-6,
        });
        const [jt, ju] = [values(layer.jvp(trace, stack(t))), values(layer.vjp(trace, stack(w)))];
        compare(
          x,
          (moved) => values(layer.value(batch(moved))),
          t,
          (i) => jt[i]!,
          kinks,
        );
        // <w, J t> = <J^T w, t> in each row.
        for (let row = 0; row < ROWS; row++) {
          const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
            indices(row).reduce((total, i) => total + a[i]! * b[i]!, 0);
          expect(Math.abs(dot(w, jt) - dot(ju, t))).toBeLessThan(2e-5);
        }
      }),
    );

    law('pullback is the gradient of value and products', () => {
      whereMoved(layer, [0, ...SHIFTS], () => {
        const { x, t, w, u } = setting();
        const at = (moved: ArrayLike<number>): Float64Array => {
          const trace = layer.trace(batch(moved));
          const [value, jt] = [values(trace.value), values(layer.jvp(trace, stack(t)))];
          // <u, f(x)> + <w, J t> of each row.
          return Float64Array.from({ length: ROWS }, (_, row) =>
            indices(row).reduce((total, i) => total + u[i]! * value[i]! + w[i]! * jt[i]!, 0),
          );
        };
        const pull = (pairs: boolean): LayerGradient =>
          layer.pullback(
            layer.trace(batch(x)),
            batch(u),
            ...(pairs ? [{ tangents: stack(t), cotangents: stack(w) }] : []),
          );
        const full = pull(true);
        const trained = layer.trained?.(full.weights) ?? full.weights;
        const [dx, dt] = [values(full.x), values(full.tangents!)];
        const direction = normals(key(64), x.length);
        compare(x, at, direction, (row) => indices(row).reduce((total, i) => total + dx[i]! * direction[i]!, 0), kinks);
        const trace = layer.trace(batch(x));
        expectAgreement(dt, values(layer.vjp(trace, stack(w))), {
          what: 'the gradient of the tangents',
          width: WIDTH,
          tolerance: 1e-5,
        });
        expectAgreement(values(pull(false).x), values(layer.vjp(trace, stack(u))), {
          what: 'the pullback without tangents',
          width: WIDTH,
          tolerance: 1e-5,
        });
        Object.entries(layer.parameters).forEach(([path, parameter], i) => {
          if (!(parameter instanceof Variable)) return;
          const present = values(parameter).slice();
          for (const k of present.keys()) {
            const moved = STEPS.map((shift) => {
              const next = tensor(present.with(k, present[k]! + shift), parameter.shape);
              parameter.assign(next);
              return at(x).reduce((total, value) => total + value, 0);
            });
            parameter.assign(tensor(present, parameter.shape));
            const [gradient, { central, jump }] = [values(trained[i]!)[k]!, slopes(moved)];
            const tolerance = 5e-3 * Math.max(1, Math.abs(gradient));
            if (kinks && jump > 0.5 * tolerance) continue;
            expect(
              Math.abs(gradient - central),
              `${path}[${k}]: gradient ${gradient}, difference ${central}`,
            ).toBeLessThan(tolerance);
          }
        });
      });
      expectCurvature(layer);
    });

    law('a net computes what its layers compute', () => expectNetOfLayers(activation));

    law('the results depend on the present parameters', () => expectParametersFollowed(activation()));

    law('gives the same results after many calls', () => expectSameAfterMany(activation()));

    law('holds for wide events and long batches', () => expectLargeSizes(layer, kinks));

    law('holds at sizes drawn anew', () => drawnAnew((k) => expectDrawnSizes(layer, kinks, k)));

    law('is finite for finite input', () =>
      scoped(() => {
        // The inputs include zero and numbers close to zero.
        const large = [0, 1e-38, 1e-20, 1e2, 1e3, 1e4, 1e10, 1e20, 1e30, 1e38].flatMap((size) => [
          size,
          -size,
          size / 2,
          -size / 3,
        ]);
        const x = batch(large);
        const trace = layer.trace(x);
        const ones = large.map(() => 1);
        const { x: dx, tangents } = layer.pullback(trace, batch(ones), {
          tangents: stack(ones),
          cotangents: stack(ones),
        });
        const seen = {
          'the value': trace.value,
          jvp: layer.jvp(trace, stack(ones)),
          vjp: layer.vjp(trace, stack(ones)),
          'the pullback': dx,
          'the pullback of the tangents': tangents!,
        };
        for (const [what, result] of Object.entries(seen)) {
          const bad = values(result).findIndex((entry) => !Number.isFinite(entry));
          if (bad >= 0)
            expect.fail(`${what}: expected a finite number at the input ${large[bad]}, got ${values(result)[bad]}.`);
        }
      }),
    );

    law('values far from zero agree with the slopes', () => expectFarValues(layer));

    law('NaN stays NaN and does not change other rows', () =>
      scoped(() => {
        const { x, t } = setting();
        const of = (points: ArrayLike<number>): Float32Array[] => {
          const trace = layer.trace(batch(points));
          return [
            layer.value(batch(points)),
            trace.value,
            layer.jvp(trace, stack(t)),
            layer.vjp(trace, stack(t)),
            layer.pullback(trace, batch(t), { tangents: stack(t), cotangents: stack(t) }).x,
          ].map(values);
        };
        const good = of(x);
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1e30]) {
          const spoiled = of(x.map((entry, i) => (i === WIDTH + 1 ? bad : entry)));
          for (const [i, what] of ['the value', 'the value of the trace', 'jvp', 'vjp', 'the pullback'].entries()) {
            expectAgreement(spoiled[i]!, good[i]!, {
              what: `${what} beside a row with ${bad}`,
              width: WIDTH,
              except: (row) => row === 1,
            });
          }
          if (Number.isNaN(bad))
            expect(
              indices(1).some((i) => Number.isNaN(spoiled[0]![i]!)),
              'the bad row stays NaN',
            ).toBe(true);
        }
      }),
    );
  });

  testContraction({
    name: `a net with the activation "${name}"`,
    kinks,
    backends,
    except,
    make: () => netWith(layersWith(activation)),
  });
};
