import type { SolveReport } from '@impflow/core';
import { registries, type FlowSpec } from '@impflow/flows';
import { wasm } from '@impflow/backend-wasm';
import { memory, tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { modelFrom, disposeFlow, type Model } from '../../src/workers/viewer/model.ts';
import { stepsOf, watchedTwin } from '../../src/workers/viewer/watched.ts';
import { pixelCentres } from '../../src/workers/viewer/map.ts';
import { planar, stirredCheckpoint } from './models.ts';

beforeAll(async () => { await wasm().start(); });

const ROWS = pixelCentres([[-3, 3], [-3, 2]], 12, 0, 144);
const withSolver = (name: string, coeff = 0.97): FlowSpec => planar({ solver: { name }, coeff });

/** What the model itself reports of the same solves. */
const reportsOf = ({ flow }: Model): readonly SolveReport[] => {
  const reports: SolveReport[] = [];
  const x = tensor2d(ROWS, [144, 2]);
  flow.logProb(x, { report: (report) => reports.push(report) }).dispose();
  x.dispose();
  return reports;
};

/** The same solves: a kernel that makes a whole solve rounds differently from the driver that is watched. */
const expectSame = (found: readonly SolveReport[], expected: readonly SolveReport[]): void => {
  const facts = ({ at, phase, status, stats: { path, converged } }: SolveReport) => ({ at, phase, status, path, converged });
  expect(found.map(facts)).toEqual(expected.map(facts));
  found.forEach(({ stats: { steps, residual } }, i) => {
    const other = expected[i]!.stats;
    expect(Math.abs(steps - other.steps)).toBeLessThanOrEqual(1);
    residual.forEach((value, b) => expect(Math.abs(value - other.residual[b]!)).toBeLessThan(1e-2));
  });
};

it.each<readonly [string, FlowSpec, string]>([
  ['what the library chooses', planar(), 'quasi-newton'],
  ['where an estimate does not need the Jacobian', planar({ evaluationLogDet: { name: 'series' } }), 'anderson'],
  ['where the exact estimator is asked for', planar({ evaluationLogDet: { name: 'exact' } }), 'quasi-newton'],
  ...['anderson', 'broyden', 'newton', 'quasi-newton'].map((name) => [name, withSolver(name), name] as const),
  ['fixed-point', withSolver('fixed-point', 0.7), 'fixed-point'],
  ['other tolerances', { ...withSolver('anderson'), tolerance: { atol: 1e-3, rtol: 1e-3 } }, 'anderson'],
])('every step is seen, and none is changed: %s', async (_name, spec, solver) => {
  const model = modelFrom(await stirredCheckpoint(spec, 2), registries);
  const expected = reportsOf(model);
  const twin = watchedTwin(model, registries);
  const solves = twin.solvesOf(model, ROWS);
  expectSame(solves.map(({ report }) => report), expected);
  expect(expected.map(({ stats: { path } }) => path)).toEqual([[solver], [solver]]);
  for (const solve of solves) {
    const steps = stepsOf(solve);
    expect(Math.max(...steps)).toBe(solve.report.stats.steps);
    expect(solve.looks).toHaveLength(solve.report.stats.steps + 1);
    expect(solve.looks.at(-1)!.residual).toEqual(solve.report.stats.residual);
  }
  twin.dispose();
  disposeFlow(model.flow);
});

it('solvers that take over count for the samples that were left, alone', async () => {
  const model = modelFrom(await stirredCheckpoint({ ...planar({ solver: { name: 'fixed-point' }, blocks: 1 }), tolerance: { maxSteps: 4 } }, 2), registries);
  const twin = watchedTwin(model, registries);
  const [solve] = twin.solvesOf(model, ROWS);
  const { stats } = solve!.report;
  expect(stats.path).toEqual(['fixed-point', 'anderson']);
  const steps = stepsOf(solve!);
  const { residual, tolerance } = solve!.looks.at(-1)!;
  expect(new Set(steps.filter((_, i) => residual[i]! > tolerance[i]!))).toEqual(new Set([stats.steps]));
  expect(Math.max(...steps.filter((_, i) => residual[i]! <= tolerance[i]!))).toBeLessThanOrEqual(4);
  twin.dispose();
  disposeFlow(model.flow);
});

it('follows the weights of its model, and is gone without a trace', async () => {
  const before = memory();
  const spec = planar();
  let model = modelFrom(await stirredCheckpoint(spec, 1), registries);
  const twin = watchedTwin(model, registries);
  const first = twin.solvesOf(model, ROWS);
  model = modelFrom(await stirredCheckpoint(spec, 2), registries, model);
  const second = twin.solvesOf(model, ROWS);
  expect(second[0]!.report.stats.residual).not.toEqual(first[0]!.report.stats.residual);
  expectSame(second.map(({ report }) => report), reportsOf(model));
  twin.dispose();
  disposeFlow(model.flow);
  expect(memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers, numBytes: before.numBytes });
});
