import { add, cos, matMul, memory, mul, relu, reshape, sin, square, sub, sum, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { key, normal, normals, scoped, sizeOf, type BackendAdapter, type DifferentiableMap, type Shape, type Solution, type Solver, type TensorMap } from '@impflow/core';
import { linearizeByTape, solve, type SolveOptions } from '@impflow/solvers';
import { describe, expect } from 'vitest';
import { laws, type Exceptions } from './law.ts';
import { onBackend } from './on-backend.ts';

/** The laws by name, so that an exception can be declared. */
export type SolverLaw =
  | 'finds the fixed point of a contraction'
  | 'finds the root of the other form'
  | 'gets closer with every few steps'
  | 'the residual is the norm at the value'
  | 'a row alone is the row in a batch'
  | 'a bad row touches no other'
  | 'survives a sample that starts at its solution'
  | 'reports divergence instead of throwing'
  | 'returns one tensor and keeps none';

export interface SolverSuite {
  readonly solver: () => Solver;
  /** Backends to keep the laws on. */
  readonly backends: readonly BackendAdapter[];
  /** Laws that this method does not keep, each with the reason: shown in the report. */
  readonly except?: Exceptions<SolverLaw>;
}

/** Registers the laws that every solver keeps, on each backend. Call it at the top of a vitest file. */
export const testSolver = ({ solver, backends, except = {} }: SolverSuite): void => {
  const law = laws<SolverLaw>(except);
  const attempt = (f: TensorMap, y0: Tensor, options: SolveOptions = {}): Solution =>
    solve(solver(), f, y0, { problem: 'fixed-point', maxSteps: 100, ...options });

  describe.each(backends)(`${solver().name} on $name`, (backend) => {
    onBackend(backend);

    law('finds the fixed point of a contraction', () => scoped(() => {
      for (const event of [[1], [2], [7], [4, 3, 2]]) {
        const f = swirl(event, 0.7);
        const { value, status, stats } = attempt(f, starts(event, 6));
        expect(status).toBe('converged');
        expect(value.shape).toEqual([6, ...event]);
        expect(stats.evaluations).toBeGreaterThanOrEqual(stats.steps + 1);
        expect(largest(value.dataSync(), f(value).dataSync())).toBeLessThan(2e-5);
        expect(Math.max(...stats.residual)).toBeLessThan(2e-5);
      }
    }));

    law('finds the root of the other form', () => scoped(() => {
      const f = swirl([3], 0.7);
      const F = differentiable((y) => sub(y, f(y)));
      const a = attempt(f, starts([3], 4));
      const b = attempt(F, starts([3], 4), { problem: 'root' });
      expect([a.status, b.status]).toEqual(['converged', 'converged']);
      expect(largest(a.value.dataSync(), b.value.dataSync())).toBeLessThan(5e-5);
    }));

    law('gets closer with every few steps', () => scoped(() => {
      const f = swirl([3], 0.5);
      const after = (maxSteps: number): number =>
        Math.max(...attempt(f, starts([3], 8), { maxSteps, atol: 0, rtol: 0 }).stats.residual);
      const [early, late] = [after(1), after(5)];
      // Four steps of plain iteration gain 0.5^4.
      expect(late).toBeLessThan(0.1 * early);
    }));

    law('the residual is the norm at the value', () => scoped(() => {
      const f = swirl([4], 0.7);
      const method = solver();
      const map = method.problem === 'fixed-point' ? f : differentiable((y) => sub(y, f(y)));
      let state = method.init(map, starts([4], 5));
      for (let i = 0; i < 3; i++) {
        const gap = sub(f(state.value), state.value);
        const norms = Array.from(sum(square(gap), 1).dataSync(), Math.sqrt);
        expect(largest(state.residual.dataSync(), norms)).toBeLessThan(1e-5);
        expect(state.residual.shape).toEqual([5]);
        state = method.step(map, state);
      }
    }));

    law('a row alone is the row in a batch', () => scoped(() => {
      const f = swirl([3], 0.8);
      const y0 = starts([3], 20);
      const batch = attempt(f, y0).value.arraySync() as number[][];
      // On the way too: where a step is the batch's, a contraction may still lead every row to the same end.
      const early = attempt(f, y0, UNDER_WAY).value.arraySync() as number[][];
      for (const i of [0, 7, 19]) {
        const row = tensor2d([(y0.arraySync() as number[][])[i]!]);
        expect(largest(attempt(f, row).value.dataSync(), batch[i]!)).toBeLessThan(1e-5);
        expect(largest(attempt(f, row, UNDER_WAY).value.dataSync(), early[i]!), 'after three steps').toBeLessThan(1e-5);
      }
    }));

    law('a bad row touches no other', () => scoped(() => {
      const f = swirl([2], 0.8);
      const y0 = starts([2], 500).arraySync() as number[][];
      const run = (row: readonly [number, number]) => attempt(f, tensor2d(y0.map((ordinary, i) => i === 123 ? [...row] : ordinary)));
      const good = run([0.1, 0.2]);
      expect(good.status).toBe('converged');
      for (const row of [[Number.NaN, 0], [1e30, -1e30], [Number.POSITIVE_INFINITY, 1]] as const) {
        const bad = run(row);
        expect(others(bad.value, 123)).toEqual(others(good.value, 123));
        expect([...bad.stats.converged].filter((flag) => flag === 0)).toHaveLength(1);
        expect(bad.stats.converged[123]).toBe(0);
        expect(bad.status).not.toBe('converged');
        // It keeps nobody waiting either.
        expect(bad.stats.steps).toBeLessThanOrEqual(good.stats.steps);
      }
    }));

    law('survives a sample that starts at its solution', () => scoped(() => {
      // f(0) = 0 exactly; the other rows need several steps.
      const f = differentiable((y) => mul(0.5, sin(y)));
      const { value, status } = attempt(f, tensor2d([[0, 0], [1, -2], [0, 3]]), { atol: 1e-7 });
      expect(status).toBe('converged');
      expect(Array.from(value.dataSync().slice(0, 2))).toEqual([0, 0]);
      expect(Math.max(...value.dataSync().map(Math.abs))).toBeLessThan(1e-6);
    }));

    law('reports divergence instead of throwing', () => scoped(() => {
      // y = 1 + 3 relu(y) + y^2 has no solution: y^2 + 2 y + 1 > 0 for y > 0, and 1 + y^2 > y for all y.
      const f = differentiable((y) => add(add(1, mul(3, relu(y))), square(y)));
      const { status, stats } = attempt(f, tensor2d([[0.5], [2]]), { maxSteps: 30 });
      expect(status).not.toBe('converged');
      expect([...stats.converged]).toEqual([0, 0]);
    }));

    law('returns one tensor and keeps none', () => {
      const f = differentiable((y) => mul(0.5, cos(y)));
      const y0 = tensor2d([[0.2, -0.4], [1.1, 0]]);
      const before = memory().numTensors;
      const { value } = attempt(f, y0);
      expect(memory().numTensors).toBe(before + 1);
      expect(y0.isDisposed).toBe(false);
      value.dispose();
      let calls = 0;
      const throwing = differentiable((y) => {
        if (++calls > 2) throw new Error('from the map');
        return cos(y);
      });
      expect(() => attempt(throwing, y0)).toThrow('from the map');
      expect(memory().numTensors).toBe(before);
      y0.dispose();
    });
  });
};

/** Three steps, whatever they lead to. */
const UNDER_WAY: SolveOptions = { maxSteps: 3, atol: 0, rtol: 0 };

/** A map that every solver can take. */
const differentiable = (f: TensorMap): DifferentiableMap => Object.assign(f, { linearize: (x: Tensor) => linearizeByTape(f, x) });

/** `y -> slope sin(Q y + b)` with `Q` orthogonal: a contraction, turning enough that no coordinate is solved on its own. */
const swirl = (event: Shape, slope: number): DifferentiableMap => {
  const d = sizeOf(event);
  const q = tensor2d(orthogonal(d));
  const b = normal(key(2), [1, d]);
  return differentiable((y) => reshape(mul(slope, sin(add(matMul(reshape(y, [-1, d]), q), b))), y.shape));
};

const starts = (event: Shape, batch: number): Tensor => normal(key(3), [batch, ...event]);

/** A random orthogonal matrix, by Gram-Schmidt. */
const orthogonal = (d: number): number[][] => {
  const draw = normals(key(1), d * d);
  const basis: number[][] = [];
  for (let i = 0; i < d; i++) {
    let row = [...draw.subarray(i * d, (i + 1) * d)];
    for (const other of basis) {
      const along = row.reduce((total, x, k) => total + x * other[k]!, 0);
      row = row.map((x, k) => x - along * other[k]!);
    }
    const norm = Math.hypot(...row);
    basis.push(row.map((x) => x / norm));
  }
  return basis;
};

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));

const others = (x: Tensor, row: number): number[][] => (x.arraySync() as number[][]).filter((_, i) => i !== row);
