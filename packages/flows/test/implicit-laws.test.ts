import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key } from '@impflow/core';
import { implicitBlock, type RootOptions } from '@impflow/flows';
import { lipSwish, mlp, sinActivation } from '@impflow/lipschitz';
import { anderson, broyden, directAdjoint, fixedPoint, iterativeAdjoint, newton } from '@impflow/solvers';
import { lively, testBijector } from '@impflow/testkit';

const net = { sin: sinActivation, lipSwish };
const block = (
  dim: number,
  activation: keyof typeof net,
  options: RootOptions = {},
  hidden: readonly number[] = [12],
) =>
  lively(
    implicitBlock({
      ...options,
      gx: mlp({ dim, hidden, activation: net[activation], coeff: 0.9, key: key(1) }),
      gz: mlp({ dim, hidden, activation: net[activation], coeff: 0.9, key: key(2) }),
    }),
  );

// Up to 3 dimensions the default solver is quasi-Newton, and above 3 dimensions it is Anderson acceleration.
for (const [dim, activation, hidden] of [
  [1, 'lipSwish', [12]],
  [2, 'sin', [12, 12]],
  [3, 'lipSwish', [12]],
  [10, 'sin', [12]],
] as const) {
  testBijector({
    name: `implicitBlock, ${activation}, dimension ${dim}`,
    make: () => block(dim, activation, {}, hidden),
    backends: [wasm()],
  });
}
testBijector({ name: 'implicitBlock, sin, dimension 1', make: () => block(1, 'sin'), backends: [cpu()] });

// Each solver is tested without a fallback, together with the adjoint solver that is not the default for the dimension.
for (const [solver, dim, adjoint] of [
  [newton(), 10, directAdjoint()],
  [anderson(), 2, iterativeAdjoint()],
  [broyden(), 10, directAdjoint()],
  [fixedPoint(), 2, iterativeAdjoint()],
] as const) {
  testBijector({
    name: `implicitBlock by ${solver.name} without a fallback, dimension ${dim}`,
    make: () => block(dim, 'lipSwish', { solver, fallback: [], adjoint, tolerance: { maxSteps: 200 } }),
    backends: [wasm()],
  });
}
