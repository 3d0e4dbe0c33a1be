import { wasm } from '@impflow/backend-wasm';
import type { SolveReport } from '@impflow/core';
import { builtInRegistries, type FlowSpec } from '@impflow/flows';
import { memory, tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { pixelCenters } from '../../../src/workers/viewer/map.ts';
import { modelFrom, disposeFlow, type Model } from '../../../src/workers/viewer/model.ts';
import { stepsOf, observedModel } from '../../../src/workers/viewer/observed-model.ts';
import { planar, stirredCheckpoint } from './models.ts';

beforeAll(async () => {
  await wasm().start();
});

const ROWS = pixelCenters(
  [
    [-3, 3],
    [-3, 2],
  ],
  12,
  0,
  144,
);
const withSolver = (name: string, coeff = 0.97): FlowSpec => planar({ solver: { name }, coeff });

/** Returns the reports of the solves that the model itself makes, without an observer. */
const reportsOf = ({ flow }: Model): readonly SolveReport[] => {
  const reports: SolveReport[] = [];
  const x = tensor2d(ROWS, [144, 2]);
  flow.logProb(x, { report: (report) => reports.push(report) }).dispose();
  x.dispose();
  return reports;
};

/**
 * Checks that two lists of reports describe the same solves. Rounding differences are allowed, because a kernel that
 * performs a whole solve rounds differently from the observed solver loop.
 */
const expectSame = (found: readonly SolveReport[], expected: readonly SolveReport[]): void => {
  const facts = ({ at, phase, status, stats: { path, converged } }: SolveReport) => ({
    at,
    phase,
    status,
    path,
    converged,
  });
  expect(found.map(facts)).toEqual(expected.map(facts));
  found.forEach(({ stats: { steps, residual } }, i) => {
    const other = expected[i]!.stats;
    expect(Math.abs(steps - other.steps)).toBeLessThanOrEqual(1);
    residual.forEach((value, b) => expect(Math.abs(value - other.residual[b]!)).toBeLessThan(1e-2));
  });
};

it.each<readonly [string, FlowSpec, string]>([
  ['the solver that the library chooses', planar(), 'quasi-newton'],
  ['an estimator that does not need the Jacobian', planar({ evaluationLogDet: { name: 'series' } }), 'anderson'],
  ['the exact estimator', planar({ evaluationLogDet: { name: 'exact' } }), 'quasi-newton'],
  ...['anderson', 'broyden', 'newton', 'quasi-newton'].map((name) => [name, withSolver(name), name] as const),
  ['fixed-point', withSolver('fixed-point', 0.7), 'fixed-point'],
  ['other tolerances', { ...withSolver('anderson'), tolerance: { atol: 1e-3, rtol: 1e-3 } }, 'anderson'],
])('every solver step is recorded, and recording does not change the steps: %s', async (_name, spec, solver) => {
  const model = modelFrom(await stirredCheckpoint(spec, 2), builtInRegistries);
  const expected = reportsOf(model);
  const observed = observedModel(model, builtInRegistries);
  const solves = observed.solvesOf(model, ROWS);
  expectSame(
    solves.map(({ report }) => report),
    expected,
  );
  expect(expected.map(({ stats: { path } }) => path)).toEqual([[solver], [solver]]);
  for (const solve of solves) {
    const steps = stepsOf(solve);
    expect(Math.max(...steps)).toBe(solve.report.stats.steps);
    expect(solve.records).toHaveLength(solve.report.stats.steps + 1);
    expect(solve.records.at(-1)!.residual).toEqual(solve.report.stats.residual);
  }
  observed.dispose();
  disposeFlow(model.flow);
});

it('steps of fallback solvers count only for the samples on which the first solver failed', async () => {
  const model = modelFrom(
    await stirredCheckpoint(
      { ...planar({ solver: { name: 'fixed-point' }, blocks: 1 }), tolerance: { maxSteps: 4 } },
      2,
    ),
    builtInRegistries,
  );
  const observed = observedModel(model, builtInRegistries);
  const [solve] = observed.solvesOf(model, ROWS);
  const { stats } = solve!.report;
  expect(stats.path).toEqual(['fixed-point', 'anderson']);
  const steps = stepsOf(solve!);
  const { residual, tolerance } = solve!.records.at(-1)!;
  expect(new Set(steps.filter((_, i) => residual[i]! > tolerance[i]!))).toEqual(new Set([stats.steps]));
  expect(Math.max(...steps.filter((_, i) => residual[i]! <= tolerance[i]!))).toBeLessThanOrEqual(4);
  observed.dispose();
  disposeFlow(model.flow);
});

it('an observed model follows the weights of its model, and leaks no tensors', async () => {
  const before = memory();
  const spec = planar();
  let model = modelFrom(await stirredCheckpoint(spec, 1), builtInRegistries);
  const observed = observedModel(model, builtInRegistries);
  const first = observed.solvesOf(model, ROWS);
  model = modelFrom(await stirredCheckpoint(spec, 2), builtInRegistries, model);
  const second = observed.solvesOf(model, ROWS);
  expect(second[0]!.report.stats.residual).not.toEqual(first[0]!.report.stats.residual);
  expectSame(
    second.map(({ report }) => report),
    reportsOf(model),
  );
  observed.dispose();
  disposeFlow(model.flow);
  expect(memory()).toMatchObject({
    numTensors: before.numTensors,
    numDataBuffers: before.numDataBuffers,
    numBytes: before.numBytes,
  });
});
