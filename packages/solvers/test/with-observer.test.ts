import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, scoped, type Solver, type TensorMap } from '@impflow/core';
import {
  anderson,
  broyden,
  fixedPoint,
  linearizeByTape,
  newton,
  quasiNewton,
  solve,
  withObserver,
} from '@impflow/solvers';
import { onBackend, testSolver } from '@impflow/testkit';
import { add, cos, memory, mul, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

testSolver({ solver: () => withObserver(anderson(), () => {}), backends: some([cpu(), wasm()]) });

const cosine: TensorMap = (y) => mul(0.5, cos(y));
/** The map `cosine` with a linearization, for `newton` and `quasiNewton`. */
const f = Object.assign(cosine, { linearize: (y: Tensor) => linearizeByTape(cosine, y) });

describe.each([
  ['cpu', cpu],
  ['wasm', wasm],
] as const)('`withObserver`, on %s', (_name, adapter) => {
  onBackend(adapter());

  it.each([anderson, broyden, fixedPoint, newton, quasiNewton].map((make) => [make().name, make] as const))(
    '%s: with an observer, results are bit-identical, and observations give the number of steps of each sample',
    (_name, make) => {
      // Starts far from zero need more steps.
      const y0 = scoped(() => add(mul(drawNormal(key(1), [40, 2]), 3), tensor2d([[0.5, 0]])));
      const options = { problem: 'fixed-point', atol: 1e-5, rtol: 1e-5 } as const;
      const plain = solve(f, y0, { solver: make() as Solver, ...options });
      const looks: { readonly step: number; readonly residual: Float32Array; readonly active: readonly number[] }[] =
        [];
      const watched = solve(f, y0, {
        solver: withObserver(
          make() as Solver,
          ({ step, residual, active }) => {
            looks.push({
              step,
              residual: Float32Array.from(residual.dataSync()),
              active: Array.from(active.dataSync()),
            });
          },
          options,
        ),
        ...options,
      });

      expect(watched.value.dataSync()).toEqual(plain.value.dataSync());
      expect({ ...watched.stats }).toEqual({ ...plain.stats });
      expect(looks.map(({ step }) => step)).toEqual(Array.from({ length: plain.stats.steps + 1 }, (_, i) => i));
      const steps = Array.from({ length: 40 }, (_, row) =>
        looks.reduce((count, { active }) => count + active[row]!, 0),
      );
      expect(Math.max(...steps)).toBe(plain.stats.steps);
      expect(looks.at(-1)!.residual).toEqual(plain.stats.residual);
      // The best residual never increases.
      for (const [i, { residual }] of looks.slice(1).entries())
        residual.forEach((r, row) => {
          expect(r).toBeLessThanOrEqual(looks[i]!.residual[row]!);
        });
      // A sample needs the same number of steps when it is solved alone and in the batch of 40 samples.
      for (const row of [0, 7, 31]) {
        const alone = scoped(
          () =>
            solve(f, tensor2d([Array.from(y0.dataSync().slice(2 * row, 2 * row + 2))]), {
              solver: make() as Solver,
              ...options,
            }).stats.steps,
        );
        expect(steps[row]).toBe(alone);
      }
      for (const { value } of [plain, watched]) value.dispose();
      y0.dispose();
    },
  );

  it('`withObserver` counts steps from 0 in each solve, and disposes all its tensors', () => {
    const y0 = tensor2d([[0.2], [3]]);
    const steps: number[] = [];
    const solver = withObserver(anderson(), ({ step }) => {
      steps.push(step);
    });
    const before = memory().numTensors;
    for (let i = 0; i < 2; i++) solve(cosine, y0, { solver }).value.dispose();
    expect(memory().numTensors).toBe(before);
    expect(steps.filter((step) => step === 0)).toHaveLength(2);
    y0.dispose();
  });
});
