import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key } from '@impflow/core';
import { monotoneBlock, type MonotoneBlockOptions } from '@impflow/flows';
import { conditionalMlp, lipSwish, mlp, sinActivation } from '@impflow/lipschitz';
import { anderson, fixedPoint, iterativeAdjoint, newton } from '@impflow/solvers';
import { lively, testBijector } from '@impflow/testkit';

const net = { sin: sinActivation, lipSwish };
const block = (
  dim: number,
  activation: keyof typeof net,
  options: Omit<MonotoneBlockOptions, 'g'> = {},
  hidden: readonly number[] = [12],
) =>
  lively(monotoneBlock({ ...options, g: mlp({ dim, hidden, activation: net[activation], coeff: 0.8, key: key(1) }) }));

// In 1, 2 and 3 dimensions, `testBijector` compares the result with the log-determinant of the whole Jacobian.
for (const [dim, activation, hidden] of [
  [1, 'lipSwish', [12]],
  [2, 'sin', [12, 12]],
  [3, 'lipSwish', [12]],
  [10, 'sin', [12]],
] as const) {
  testBijector({
    name: `monotoneBlock, ${activation}, dimension ${dim}`,
    make: () => block(dim, activation, {}, hidden),
    backends: [wasm()],
  });
}
testBijector({ name: 'monotoneBlock, sin, dimension 2', make: () => block(2, 'sin'), backends: [cpu()] });

for (const [solver, dim] of [
  [newton(), 10],
  [anderson(), 2],
  [fixedPoint(), 2],
] as const) {
  testBijector({
    name: `monotoneBlock by ${solver.name} without a fallback, dimension ${dim}`,
    make: () =>
      block(dim, 'lipSwish', { solver, fallback: [], adjoint: iterativeAdjoint(), tolerance: { maxSteps: 200 } }),
    backends: [wasm()],
  });
}

testBijector({
  name: 'monotoneBlock on a memory budget',
  make: () => block(2, 'sin', { memory: 'budget' }),
  backends: [wasm()],
});

testBijector({
  name: 'monotoneBlock with a context',
  context: 2,
  backends: [wasm()],
  make: () =>
    lively(monotoneBlock({ g: conditionalMlp({ dim: 2, context: 2, hidden: [12], coeff: 0.8, key: key(3) }) })),
});
