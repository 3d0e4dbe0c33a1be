import { scoped, valueAndGradients, type SolveEnd } from '@impflow/core';
import { fixedPoint, implicit, type AdjointSolver } from '@impflow/solvers';
import { add, matMul, mul, sin, sum, tensor2d, variable, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { distance, entries } from './adjoint-systems.ts';

/**
 * Checks that the gradients of a fixed point, by `implicit` with this adjoint solver, agree with finite differences.
 */
export const expectImplicitGradients = (method: AdjointSolver): void =>
  scoped(() => {
    const d = 3;
    const [w, x, c] = [entries(31, d * d).map((entry) => 0.3 * entry), entries(32, 4 * d), entries(33, 4 * d)];
    // y = x + 0.9 sin(y W), iterated in float64.
    const loss = (weight: readonly number[], from: readonly number[]): number =>
      [0, 1, 2, 3].reduce((total, b) => {
        const start = from.slice(b * d, (b + 1) * d);
        let y = start;
        for (let i = 0; i < 300; i++)
          y = start.map(
            (entry, k) => entry + 0.9 * Math.sin(y.reduce((dot, of, j) => dot + of * weight[j * d + k]!, 0)),
          );
        return total + y.reduce((dot, of, k) => dot + of * c[b * d + k]!, 0);
      }, 0);
    const slopes = (at: readonly number[], f: (moved: readonly number[]) => number): number[] =>
      at.map((entry, i) => (f(at.with(i, entry + 1e-5)) - f(at.with(i, entry - 1e-5))) / 2e-5);

    const [weight, input] = [variable(tensor2d(w, [d, d])), variable(tensor2d(x, [4, d]))];
    const ends: SolveEnd[] = [];
    const { gradients } = valueAndGradients(
      () => {
        const f = (y: Tensor, from: Tensor): Tensor => add(from, mul(0.9, sin(matMul(y, weight))));
        const { value } = implicit(f, input, {
          solver: fixedPoint(),
          maxSteps: 300,
          inputs: [input],
          adjoint: method,
          onAdjoint: (end) => {
            ends.push(end);
          },
        });
        return sum(mul(value, tensor2d(c, [4, d])));
      },
      { weight, input },
    );
    expect(ends.map(({ status }) => status)).toEqual(['converged']);
    for (const [name, expected] of [
      ['weight', slopes(w, (moved) => loss(moved, x))],
      ['input', slopes(x, (moved) => loss(w, moved))],
    ] as const) {
      const got = Array.from(gradients[name]!.dataSync());
      expect(distance(got, expected), `${name}: ${got.join(' ')} against ${expected.join(' ')}`).toBeLessThan(
        5e-5 * Math.hypot(...expected),
      );
    }
    weight.dispose();
    input.dispose();
  });
