import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { sub, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { fit, load } from 'impflow';
import { describe, expect, it } from 'vitest';
import { gaussianRows } from './tables.ts';

interface State extends Iterate {
  readonly image: Tensor;
}

const at = (f: TensorMap, value: Tensor): State => {
  const image = f(value);
  return { value, image, residual: sampleNorm(sub(image, value)) };
};
/** Correct fixed-point iteration. */
const plain = (): Solver<State> => ({
  name: 'plain',
  problem: 'fixed-point',
  init: (f, y0) => at(f, y0.clone()),
  step: (f, { image }) => at(f, image.clone()),
});
const solved = (state: State): State => ({ ...state, residual: zerosLike(state.residual) });
/** Returns the start as the solution, with a residual of 0. */
const lying = (): Solver<State> => ({
  ...plain(),
  init: (f, y0) => solved(at(f, y0.clone())),
  step: (_, { value, image }) => solved({ value: value.clone(), image: image.clone(), residual: sampleNorm(value) }),
});
const plugin = (solver: () => Solver<State>) => ({ impflow: { solver: { plain: solver } } });

const rows = gaussianRows(200, 1);
const settings = { steps: 3, workers: 1, hidden: [8], blocks: 2, model: 'implicit', solver: 'plain' } as const;
const refusal =
  /The solver "plain" reports an equation as solved that is not: expected a round-trip error .* of at most [\d.e-]+ in sample \d+, got [\d.]+/;

describe('a solver that reports a wrong solution as converged', () => {
  it('`fit` refuses the solver', async () => {
    await expect(fit(rows, { ...settings, plugins: [plugin(lying)] })).rejects.toThrow(refusal);
  });

  it('`score` refuses the solver', async () => {
    const bytes = (await fit(rows, { ...settings, plugins: [plugin(plain)] })).toBytes();
    const model = await load(bytes, { plugins: [plugin(lying)] });
    expect(() => model.score(rows)).toThrow(refusal);
    expect(() => model.score(rows.slice(0, 1))).toThrow(refusal);
  });
});

it.each([undefined, 'plain'])('a correct solver passes for rows far from the training rows: %s', async (solver) => {
  const { solver: _, ...others } = settings;
  const model = await fit(rows, { ...others, ...(solver === undefined ? {} : { solver }), plugins: [plugin(plain)] });
  const scoresAt = (far: number) => model.score(rows.map(({ x, y, z }) => ({ x: far * x, y: far * y, z: -far * z })));
  for (const far of [1e3, 1e6])
    expect(scoresAt(far).every(({ logDensity, converged }) => logDensity < -9 && converged)).toBe(true);
  // The squares of such numbers exceed float32 or its precision, but no solver is to blame.
  for (const far of [1e12, 1e18]) expect(() => scoresAt(far)).not.toThrow();
});
