import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, scoped, drawUniform } from '@impflow/core';
import {
  actNorm,
  affineCoupling,
  chain,
  implicitBlock,
  invertibleLinear,
  logit,
  permutation,
  residualBlock,
  standardize,
  quantileMap,
  whiten,
} from '@impflow/flows';
import { lipSwish, mlp } from '@impflow/lipschitz';
import { lively, testBijector } from '@impflow/testkit';
import { add, mul } from '@tensorflow/tfjs-core';
import { some } from '../../testkit/private/extent.mjs';

const backends = [wasm()];
/**
 * Other tests compare the kernels of each backend with the cpu backend. In this file, one case shows that a bijector
 * runs on both backends.
 */
const both = some([cpu(), wasm()]);
const g = (dim: number, seed: number) => mlp({ dim, hidden: [12], activation: lipSwish, coeff: 0.9, key: key(seed) });

for (const dim of [1, 3, 10]) {
  testBijector({
    name: `residualBlock, dimension ${dim}`,
    make: () => lively(residualBlock({ g: g(dim, 3) })),
    backends: [wasm()],
  });
}
testBijector({
  name: 'affineCoupling, dimension 2',
  make: () => lively(affineCoupling({ dim: 2, hidden: [8], key: key(4) })),
  backends: both,
});
testBijector({
  name: 'affineCoupling, dimension 5',
  make: () => lively(affineCoupling({ dim: 5, hidden: [8, 8], key: key(5) })),
  backends,
});
testBijector({
  name: 'actNorm after its start',
  make: () => {
    const bijector = actNorm({ dim: 3 });
    scoped(() => bijector.initialize(add(1, mul(2, drawNormal(key(6), [100, 3]))), { key: key(0) }));
    return bijector;
  },
  backends,
});
testBijector({ name: 'permutation', make: () => permutation({ order: [2, 0, 3, 1] }), backends });
testBijector({ name: 'invertibleLinear', make: () => invertibleLinear({ dim: 4, key: key(7) }), backends });
testBijector({
  name: 'quantileMap',
  make: () =>
    quantileMap({
      knots: [
        [-3, -0.5, 0.2, 2],
        [-40, -1, 1, 5],
        [-2, -1.5, 1.5, 2],
      ],
      levels: [-2, -0.5, 0.5, 2],
    }),
  backends,
});
testBijector({
  name: 'whiten',
  make: () =>
    whiten({
      factor: [
        [2, 0, 0],
        [-0.5, 0.3, 0],
        [1, 0.7, 1.5],
      ],
    }),
  backends,
});
testBijector({ name: 'standardize', make: () => standardize({ mean: [1, -20], scale: [0.5, 3] }), backends });
testBijector({
  name: 'logit',
  make: () => logit({ dim: 2 }),
  backends,
  input: (k, rows) => drawUniform(k, [rows, 2], 0.1, 0.9),
});
testBijector({
  name: 'logit with margins',
  make: () => logit({ dim: 2, alpha: 0.05 }),
  backends,
  input: (k, rows) => drawUniform(k, [rows, 2], 0.1, 0.9),
});
testBijector({
  name: 'a chain of everything',
  make: () =>
    lively(
      chain({
        unit: standardize({ mean: [0.5, 0, -0.5], scale: [2, 1, 1.5] }),
        linear: invertibleLinear({ dim: 3, key: key(8) }),
        implicit: implicitBlock({ gx: g(3, 9), gz: g(3, 10) }),
        norm: actNorm({ dim: 3 }),
        order: permutation({ order: [2, 0, 1] }),
        coupling: affineCoupling({ dim: 3, hidden: [8], key: key(11) }),
        residual: residualBlock({ g: g(3, 12) }),
      }),
    ),
  backends: [wasm()],
});
