import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import {
  isFlowError,
  kept,
  key,
  normals,
  release,
  scoped,
  valueAndGradients,
  type Linearization,
  type Solution,
  type TensorMap,
} from '@impflow/core';
import {
  anderson,
  broyden,
  directAdjoint,
  fixedPoint,
  implicit,
  iterativeAdjoint,
  linearizeByTape,
  newton,
  type ImplicitMap,
} from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import {
  add,
  div,
  expandDims,
  gather,
  grads,
  matMul,
  memory,
  mul,
  neg,
  ones,
  reshape,
  sub,
  sum,
  tanh,
  tensor,
  tensor2d,
  transpose,
  variable,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';
import { asProblem } from '../src/driven-map.ts';

const table = (rows: number, columns: number, seed: number, size = 1): number[][] => {
  const draw = normals(key(seed), rows * columns);
  return Array.from({ length: rows }, (_, i) =>
    [...draw.subarray(i * columns, (i + 1) * columns)].map((x) => size * x),
  );
};
const flat = (x: number[][]): number[] => x.flat();
const difference = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.hypot(...b.map((x, i) => x - a[i]!)) / Math.hypot(...b);

/** Returns the loss sum(c * y) for the solution of y = tanh(y W + x), in float64. */
const loss = (W: number[][], x: number[][], c: number[][]): number =>
  x.reduce((total, row, b) => {
    let y = row.map(() => 0);
    for (let i = 0; i < 200; i++) y = row.map((h, k) => Math.tanh(h + y.reduce((s, v, j) => s + v * W[j]![k]!, 0)));
    return total + y.reduce((s, v, k) => s + v * c[b]![k]!, 0);
  }, 0);
const numerical = (f: (x: number[][]) => number, x: number[][], h = 1e-5): number[] =>
  x.flatMap((row, i) =>
    row.map((_, j) => {
      const moved = (by: number): number => f(x.map((r, a) => (a === i ? r.map((v, k) => (k === j ? v + by : v)) : r)));
      return (moved(h) - moved(-h)) / (2 * h);
    }),
  );

const byTape = (y: Tensor, W: Tensor, x: Tensor): Tensor => tanh(add(matMul(y, W), x));
/** The map `byTape` with a hand-written linearization: J t = (1 - y^2) (t W). */
const byHand = Object.assign((y: Tensor, W: Tensor, x: Tensor) => byTape(y, W, x), {
  linearize: (y: Tensor, inputs: readonly Tensor[]): Linearization => {
    const [W, x] = inputs as [Tensor, Tensor];
    const { value, slope } = kept(() => {
      const found = byTape(y, W, x);
      return { value: found, slope: sub(1, mul(found, found)) };
    });
    let matrix: Tensor | undefined;
    const through = (m: Tensor, t: Tensor): Tensor => {
      const [k, b, d] = t.shape as [number, number, number];
      return reshape(matMul(reshape(t, [k * b, d]), m), [k, b, d]);
    };
    return {
      value,
      jvp: (t: Tensor) => mul(slope, through(W, t)),
      vjp: (u: Tensor) => through(transpose(W), mul(slope, u)),
      jacobian: () => (matrix ??= kept(() => mul(expandDims(slope, 2), transpose(W)))),
      dispose: () => {
        release([value, slope, matrix]);
      },
    };
  },
});

describe.each(some([cpu(), wasm()]))('implicit on $name', (backend) => {
  onBackend(backend);

  it.each([
    ['direct, by tape', byTape, directAdjoint()],
    ['direct, by hand', byHand, directAdjoint()],
    ['iterative, by tape', byTape, iterativeAdjoint()],
    ['iterative, by hand', byHand, iterativeAdjoint({ solver: broyden() })],
  ] as const)('computes the gradients of a small equilibrium net: %s', (_name, f, adjoint) => {
    const [d, batch] = [4, 5];
    const [W, x, c] = [table(d, d, 1, 0.35), table(batch, d, 2), table(batch, d, 3)];
    const reports: Pick<Solution, 'status' | 'stats'>[] = [];
    const before = memory().numTensors;
    scoped(() => {
      const cotangent = tensor2d(c);
      const [dW, dx] = grads((w: Tensor, h: Tensor) => {
        // `doubled` is computed within the loss, so it must be an input.
        const doubled = mul(2, h);
        const { value, status } = implicit(f as ImplicitMap, h, {
          solver: anderson(),
          problem: 'fixed-point',
          inputs: [w, doubled],
          adjoint,
          onAdjoint: (r) => reports.push(r),
        });
        expect(status).toBe('converged');
        return sum(mul(cotangent, value));
      })([tensor2d(W), tensor2d(x)]);
      const at = (w: number[][], h: number[][]): number =>
        loss(
          w,
          h.map((row) => row.map((v) => 2 * v)),
          c,
        );
      expect(
        difference(
          dW!.dataSync(),
          numerical((w) => at(w, x), W),
        ),
      ).toBeLessThan(2e-5);
      expect(
        difference(
          dx!.dataSync(),
          numerical((h) => at(W, h), x),
        ),
      ).toBeLessThan(2e-5);
    });
    expect(reports.map(({ status }) => status)).toEqual(['converged']);
    expect(Math.max(...reports[0]!.stats.residual)).toBeLessThan(1e-5);
    expect(memory().numTensors).toBe(before);
  });

  it('for a linear map, solution and gradients agree with the closed form, as a fixed point and as a root', () =>
    scoped(() => {
      // For rows, y = y A + x gives y = x (I - A)^-1, with A = [[a, b], [c, d]]; dx = cotangent (I - A)^-T, dA = y^T
      // dx.
      const [a, b, c, d] = [0.4, -0.3, 0.5, 0.1];
      const det = (1 - a) * (1 - d) - b * c;
      const inverse = [
        [(1 - d) / det, b / det],
        [c / det, (1 - a) / det],
      ];
      const times = (row: readonly number[], m: number[][]): number[] =>
        [0, 1].map((k) => row[0]! * m[0]![k]! + row[1]! * m[1]![k]!);
      const [x, u] = [
        [1.5, -0.7],
        [0.2, 0.9],
      ];
      const y = times(x, inverse);
      const dx = times(u, [
        [inverse[0]![0]!, inverse[1]![0]!],
        [inverse[0]![1]!, inverse[1]![1]!],
      ]);
      const dA = y.flatMap((v) => dx.map((w) => v * w));
      const maps = {
        'fixed-point': (z: Tensor, A: Tensor, h: Tensor) => add(matMul(z, A), h),
        root: (z: Tensor, A: Tensor, h: Tensor) => sub(sub(z, matMul(z, A)), h),
      } as const;
      for (const problem of ['fixed-point', 'root'] as const) {
        for (const solver of [anderson(), broyden()]) {
          const [gA, gx] = grads((A: Tensor, h: Tensor) =>
            sum(mul(implicit(maps[problem], h, { solver, problem, inputs: [A, h] }).value, tensor2d([u]))),
          )([
            tensor2d([
              [a, b],
              [c, d],
            ]),
            tensor2d([x]),
          ]);
          expect(difference(gA!.dataSync(), dA)).toBeLessThan(1e-5);
          expect(difference(gx!.dataSync(), dx)).toBeLessThan(1e-5);
        }
      }
    }));

  it('variables that the map closes over receive gradients', () => {
    const W = variable(tensor2d(table(3, 3, 1, 0.3)));
    const x = tensor2d(table(2, 3, 2));
    const { value, gradients } = valueAndGradients(
      () => sum(implicit((y) => byTape(y, W, x), x, { solver: anderson() }).value),
      { W },
    );
    const exact = numerical(
      (w) =>
        loss(w, x.arraySync() as number[][], [
          [1, 1, 1],
          [1, 1, 1],
        ]),
      W.arraySync() as number[][],
    );
    expect(difference(gradients.W!.dataSync(), exact)).toBeLessThan(3e-5);
    [value, gradients.W!, W, x].forEach((t) => t.dispose());
  });

  it('`implicit` accepts events of any shape, and its default adjoint solver depends on the size of an event', () =>
    scoped(() => {
      const reports: string[] = [];
      const run = (shape: number[]): void => {
        const x = tensor(
          [
            ...normals(
              key(7),
              shape.reduce((p, n) => p * n, 1),
            ),
          ],
          shape,
        );
        // y = tanh(x - y / 2): dy/dx = s / (1 + s / 2), elementwise, with s = 1 - y^2.
        const [dx] = grads((h: Tensor) =>
          sum(
            implicit((y, t) => tanh(sub(t!, mul(0.5, y))), h, {
              solver: anderson(),
              inputs: [h],
              onAdjoint: ({ stats }) => reports.push(stats.solver),
            }).value,
          ),
        )([x]);
        const exact = [...x.dataSync()].map((h) => {
          let y = 0;
          for (let i = 0; i < 200; i++) y = Math.tanh(h - y / 2);
          return (1 - y * y) / (1 + (1 - y * y) / 2);
        });
        expect(dx!.shape).toEqual(shape);
        expect(difference(dx!.dataSync(), exact)).toBeLessThan(1e-5);
      };
      run([4, 2, 3]);
      run([2, 4, 4, 3]);
      expect(reports).toEqual(['direct', 'anderson']);
    }));

  it('adjoint solvers accept samples with zero cotangents', () =>
    scoped(() => {
      for (const adjoint of [directAdjoint(), iterativeAdjoint()]) {
        let status = '';
        const x = tensor2d(table(3, 2, 2));
        // The loss depends only on the first row, so the cotangents of the other rows are zero.
        const mask = tensor2d([
          [1, 1],
          [0, 0],
          [0, 0],
        ]);
        const [dx] = grads((h: Tensor) =>
          sum(
            mul(
              mask,
              implicit((y, t) => tanh(sub(t!, mul(0.5, y))), h, {
                solver: anderson(),
                inputs: [h],
                adjoint,
                onAdjoint: (r) => {
                  status = r.status;
                },
              }).value,
            ),
          ),
        )([x]);
        expect(status).toBe('converged');
        expect([...dx!.dataSync()].slice(2)).toEqual([0, 0, 0, 0]);
        expect(dx!.dataSync()[0]).toBeGreaterThan(0);
      }
    }));

  it.each([1e-38, 1e-30, 1e-20])('adjoint solvers accept right-hand sides of magnitude %d and 1 in one batch', (size) =>
    scoped(() => {
      const w = tensor2d(table(6, 6, 1, 0.2));
      const g = linearizeByTape((y) => matMul(y, w), tensor2d(table(3, 6, 2)));
      const plain = tensor2d(table(3, 6, 3));
      const scales = tensor2d([[size], [1], [size]]);
      for (const adjoint of [iterativeAdjoint(), directAdjoint()]) {
        const expected = adjoint.solve(g, plain).value;
        const { value, stats } = adjoint.solve(g, mul(plain, scales));
        expect(stats.status, adjoint.name).toEqual(['converged', 'converged', 'converged']);
        expect(difference(div(value, scales).dataSync(), Array.from(expected.dataSync())), adjoint.name).toBeLessThan(
          1e-5,
        );
      }
      g.dispose();
    }),
  );

  it('gradients are proportional to the loss, even for very small and very large losses', () =>
    scoped(() => {
      const [W, x] = [tensor2d(table(3, 3, 1, 0.3)), tensor2d(table(4, 3, 2))];
      const gradient = (scale: number): number[] => {
        const [dx] = grads((h: Tensor) =>
          mul(
            scale,
            sum(
              implicit((y, t) => byTape(y, W, t!), h, { solver: anderson(), inputs: [h], adjoint: iterativeAdjoint() })
                .value,
            ),
          ),
        )([x]);
        return [...dx!.dataSync()].map((v) => v / scale);
      };
      const [small, large] = [gradient(2 ** -30), gradient(2 ** 30)];
      expect(difference(small, large)).toBeLessThan(1e-6);
    }));

  it('a failed backward solve is reported and does not throw', () =>
    scoped(() => {
      const reports: Pick<Solution, 'status' | 'stats'>[] = [];
      const x = tensor2d(table(3, 2, 2));
      const [dx] = grads((h: Tensor) =>
        sum(
          implicit((y, t) => tanh(sub(t!, mul(0.9, y))), h, {
            solver: anderson(),
            inputs: [h],
            adjoint: iterativeAdjoint({ solver: fixedPoint(), fallback: [], maxSteps: 2 }),
            onAdjoint: (r) => reports.push(r),
          }).value,
        ),
      )([x]);
      expect(reports[0]!.status).toBe('max-steps');
      expect([...dx!.dataSync()].every(Number.isFinite)).toBe(true);
    }));

  it('after a failed forward solve, the status is reported and the gradient is finite', () =>
    scoped(() => {
      const x = tensor2d([[1, 2]]);
      let status = '';
      const [dx] = grads((h: Tensor) => {
        const result = implicit((y, t) => tanh(sub(t!, mul(0.9, y))), h, {
          solver: fixedPoint(),
          maxSteps: 1,
          inputs: [h],
        });
        status = result.status;
        return sum(result.value);
      })([x]);
      expect(status).toBe('max-steps');
      expect([...dx!.dataSync()].every((v) => v > 0 && v < 1)).toBe(true);
    }));

  it('if the map reads a disposed tensor, the error message explains the cause', () =>
    scoped(() => {
      let caught: unknown;
      const run = grads((h: Tensor) => {
        const doubled = mul(2, h);
        return sum(implicit((y) => tanh(sub(neg(doubled), mul(0.5, y))), h, { solver: anderson() }).value);
      });
      try {
        run([tensor2d([[1, 2]])]);
      } catch (error) {
        caught = error;
      }
      expect(isFlowError(caught, 'input')).toBe(true);
      expect((caught as Error).message).toContain('through `inputs`');
    }));

  it('without a gradient, `implicit` evaluates the map only in the solve', () => {
    const x = tensor2d([[1, 2]]);
    const before = memory().numTensors;
    let calls = 0;
    const { value, stats } = implicit(
      (y) => {
        calls += 1;
        return tanh(sub(x, mul(0.5, y)));
      },
      x,
      { solver: anderson() },
    );
    expect(calls).toBe(stats.evaluations);
    expect(memory().numTensors).toBe(before + 1);
    [value, x].forEach((t) => t.dispose());
  });

  it('a gradient costs one evaluation and one linearization besides the solves, for any number of steps', () => {
    const [W, x, y0] = [tensor2d(table(3, 3, 1, 0.3)), tensor2d(table(4, 3, 2)), tensor2d(table(4, 3, 6))];
    let [evaluations, linearizations] = [0, 0];
    const steps = new Set<number>();
    const counted: ImplicitMap = Object.assign(
      (y: Tensor, ...inputs: Tensor[]) => {
        evaluations += 1;
        return byHand(y, inputs[0]!, inputs[1]!);
      },
      {
        linearize: (y: Tensor, inputs: readonly Tensor[]) => {
          linearizations += 1;
          return byHand.linearize(y, inputs);
        },
      },
    );
    const before = memory().numTensors;
    for (const atol of [1e-2, 1e-6]) {
      for (const adjoint of [directAdjoint(), iterativeAdjoint()]) {
        [evaluations, linearizations] = [0, 0];
        const [gradient] = grads((h: Tensor) => {
          const { value, stats } = implicit(counted, y0, {
            solver: fixedPoint(),
            atol,
            rtol: atol,
            maxSteps: 500,
            inputs: [W, h],
            adjoint,
          });
          expect([evaluations, linearizations]).toEqual([stats.evaluations + 1, 0]);
          steps.add(stats.steps);
          return sum(value);
        })([x]);
        expect(linearizations).toBe(1);
        gradient!.dispose();
      }
    }
    expect(steps.size).toBe(2);
    expect(memory().numTensors).toBe(before);
    for (const tensor of [W, x, y0]) tensor.dispose();
  });

  it('recording a gradient does not change the solution, even for a solver that needs derivatives', () =>
    scoped(() => {
      const [W, x] = [tensor2d(table(3, 3, 1, 0.3)), tensor2d(table(4, 3, 2))];
      const options = { solver: newton(), problem: 'fixed-point', inputs: [W, x] } as const;
      const plain = implicit(byHand as ImplicitMap, x, options);
      grads((w: Tensor, h: Tensor) => {
        const { value, ...end } = implicit(byHand as ImplicitMap, x, { ...options, inputs: [w, h] });
        expect(end).toEqual({ status: plain.status, stats: plain.stats });
        expect([...value.dataSync()]).toEqual([...plain.value.dataSync()]);
        return sum(value);
      })([W, x]).forEach((gradient) => {
        gradient.dispose();
      });
      expect(plain).toMatchObject({ status: 'converged', stats: { solver: 'newton', path: ['newton'] } });
      expect([...plain.stats.converged]).toEqual([1, 1, 1, 1]);
      expect(Math.max(...plain.stats.residual)).toBeLessThan(1e-5);
    }));

  it('the solve skips converged samples, and the evaluation on the gradient tape uses all samples', () =>
    scoped(() => {
      const slopes = tensor2d(Array.from({ length: 20 }, (_, i) => [i < 18 ? 0.05 : 0.9]));
      const x = tensor2d(table(20, 1, 2));
      let sizes: number[] = [];
      const f = (y: Tensor, slope: Tensor, h: Tensor): Tensor => {
        sizes.push(y.shape[0]!);
        return tanh(add(mul(slope, y), h));
      };
      const map = Object.assign((y: Tensor, ...inputs: Tensor[]) => f(y, inputs[0]!, inputs[1]!), {
        among: (samples: Tensor1D, inputs: readonly Tensor[]): TensorMap => {
          const [slope, h] = inputs.map((input) => gather(input, samples)) as [Tensor, Tensor];
          return (y) => f(y, slope, h);
        },
      });
      const options = { solver: fixedPoint(), maxSteps: 400 };
      const plain = implicit(map, x, { ...options, inputs: [slopes, x] });
      expect([sizes[0], sizes.at(-1)! <= 2]).toEqual([20, true]);
      sizes = [];
      const [dx] = grads((h: Tensor) => {
        const { value } = implicit(map, x, { ...options, inputs: [slopes, h] });
        // The evaluation on the tape uses all samples.
        expect(sizes.at(-1)).toBe(20);
        expect(difference(value.dataSync(), [...plain.value.dataSync()])).toBeLessThan(1e-6);
        return sum(value);
      })([x]);
      const slope = slopes.dataSync();
      plain.value
        .dataSync()
        .forEach((y, i) => expect(dx!.dataSync()[i]).toBeCloseTo((1 - y * y) / (1 - slope[i]! * (1 - y * y)), 4));
    }));

  it('`linearizeByTape` computes the value, Jacobian-vector products and vector-Jacobian products of a map', () =>
    scoped(() => {
      const [W, x] = [table(3, 3, 1, 0.5), table(2, 3, 2)];
      const f = (y: Tensor): Tensor => tanh(matMul(y, tensor2d(W)));
      const { jvp, vjp, value } = linearizeByTape(f, tensor2d(x));
      const [t, u] = [table(2, 3, 4), table(2, 3, 5)];
      const plain = (rows: number[][]): number[][] =>
        rows.map((row) => row.map((_, k) => Math.tanh(row.reduce((s, v, j) => s + v * W[j]![k]!, 0))));
      const h = 1e-6;
      const along = flat(plain(x.map((r, i) => r.map((v, j) => v + h * t[i]![j]!)))).map(
        (v, i) => (v - flat(plain(x.map((r, a) => r.map((w, j) => w - h * t[a]![j]!))))[i]!) / (2 * h),
      );
      expect(difference(value.dataSync(), flat(plain(x)))).toBeLessThan(1e-6);
      const stacked = jvp(tensor([t, u]));
      expect(stacked.shape).toEqual([2, 2, 3]);
      expect(difference(stacked.dataSync().slice(0, 6), along)).toBeLessThan(1e-5);
      // The inner products <u, J t> and <J^T u, t> must be equal.
      const [left, right] = [
        flat(u).reduce((s, v, i) => s + v * along[i]!, 0),
        [...vjp(tensor([u])).dataSync()].reduce((s, v, i) => s + v * flat(t)[i]!, 0),
      ];
      expect(Math.abs(left - right)).toBeLessThan(1e-5 * Math.abs(left));
      expect(() => linearizeByTape(f, ones([1, 3]), { maxDim: 2 }).jvp(ones([1, 1, 3]))).toThrow('Too many dimensions');
    }));

  it('linearizations of fixed-point and root maps stay valid after the scope in which they were made', () => {
    const [W, x] = [tensor2d(table(6, 6, 1, 0.2)), tensor(Float32Array.from(normals(key(8), 18)), [3, 2, 3])];
    const f = (y: Tensor): Tensor => reshape(tanh(matMul(reshape(y, [-1, 6]), W)), y.shape);
    const before = memory().numTensors;
    const rows = (of: Tensor): number[][][] => reshape(of, [-1, 3, 6]).arraySync() as number[][][];
    for (const problem of ['fixed-point', 'root'] as const) {
      const linear = scoped(() => {
        const map = Object.assign((y: Tensor) => f(y), { linearize: (y: Tensor) => linearizeByTape(f, y) });
        return (asProblem(map, 'fixed-point', problem) as typeof map).linearize(x);
      });
      scoped(() => {
        expect(linear.jacobian()).toBe(linear.jacobian());
        expect([linear.value.shape, linear.jacobian().shape]).toEqual([
          [3, 2, 3],
          [3, 6, 6],
        ]);
        const [fx, at] = [f(x).dataSync(), x.dataSync()];
        linear.value
          .dataSync()
          .forEach((y, i) => expect(y).toBeCloseTo(problem === 'root' ? at[i]! - fx[i]! : fx[i]!, 5));
        const [t, u] = [
          tensor(Float32Array.from(normals(key(9), 36)), [2, 3, 2, 3]),
          tensor(Float32Array.from(normals(key(10), 36)), [2, 3, 2, 3]),
        ];
        const [forward, back] = [linear.jvp(t), linear.vjp(u)];
        expect([forward.shape, back.shape]).toEqual([t.shape, u.shape]);
        const matrix = linear.jacobian().arraySync() as number[][][];
        [0, 1].forEach((k) =>
          [0, 1, 2].forEach((b) =>
            [0, 1, 2, 3, 4, 5].forEach((i) => {
              expect(rows(forward)[k]![b]![i]).toBeCloseTo(
                rows(t)[k]![b]!.reduce((total, v, j) => total + v * matrix[b]![i]![j]!, 0),
                4,
              );
              expect(rows(back)[k]![b]![i]).toBeCloseTo(
                rows(u)[k]![b]!.reduce((total, v, j) => total + v * matrix[b]![j]![i]!, 0),
                4,
              );
            }),
          ),
        );
      });
      linear.dispose();
      expect(memory().numTensors).toBe(before);
    }
    for (const tensor of [W, x]) tensor.dispose();
  });
});
