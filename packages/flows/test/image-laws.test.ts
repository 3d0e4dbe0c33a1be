import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, scoped, drawUniform } from '@impflow/core';
import {
  actNorm,
  affineCoupling,
  buildFlow,
  chain,
  factorOut,
  flatten,
  imagePreset,
  implicitBlock,
  invertibleLinear,
  logit,
  permutation,
  rescale,
  residualBlock,
  squeeze,
  type FlowSpec,
} from '@impflow/flows';
import { convNet } from '@impflow/lipschitz';
import { lively, testBijector } from '@impflow/testkit';
import { add, mul } from '@tensorflow/tfjs-core';

const backends = [wasm()];
const g = (shape: readonly [number, number, number], seed: number) =>
  convNet({ shape, hidden: [3], coeff: 0.8, key: key(seed) });

testBijector({ name: 'squeeze', make: () => squeeze({ shape: [4, 2, 3] }), backends });
testBijector({ name: 'squeeze by 3', make: () => squeeze({ shape: [3, 6, 1], factor: 3 }), backends });
testBijector({ name: 'flatten', make: () => flatten({ shape: [2, 3, 2] }), backends });
testBijector({ name: 'rescale', make: () => rescale({ shape: [2, 2, 1], scale: 4 }), backends });
testBijector({
  name: 'actNorm of channels',
  make: () => {
    const bijector = actNorm({ shape: [2, 3, 2] });
    scoped(() => bijector.initialize(add(1, mul(2, drawNormal(key(6), [40, 2, 3, 2]))), { key: key(0) }));
    return bijector;
  },
  backends,
});
testBijector({
  name: 'invertible 1 x 1 convolution',
  make: () => invertibleLinear({ shape: [2, 2, 3], key: key(7) }),
  backends,
});
testBijector({
  name: 'permutation of channels',
  make: () => permutation({ order: [2, 0, 1], shape: [2, 1, 3] }),
  backends,
});
testBijector({
  name: 'logit of images',
  make: () => logit({ shape: [2, 2, 1], alpha: 0.05 }),
  backends,
  input: (k, rows) => drawUniform(k, [rows, 2, 2, 1], 0.1, 0.9),
});
testBijector({
  name: 'coupling of images',
  make: () => lively(affineCoupling({ shape: [3, 2, 3], hidden: [4], kernels: [3, 1], key: key(4) })),
  backends,
});
// The ReLU has a kink. With the key of this test, no finite difference crosses the kink.
testBijector({
  name: 'factorOut',
  make: () =>
    lively(factorOut({ shape: [2, 2, 5], rest: affineCoupling({ shape: [2, 2, 2], hidden: [3], key: key(6) }) })),
  backends: [wasm()],
});
testBijector({ name: 'residual block of images', make: () => lively(residualBlock({ g: g([3, 2, 2], 5) })), backends });
testBijector({
  name: 'implicit block of images',
  make: () => lively(implicitBlock({ gx: g([2, 3, 2], 8), gz: g([2, 3, 2], 9) })),
  backends: [wasm()],
});
testBijector({
  name: 'a chain that changes shape',
  make: () =>
    lively(
      chain({
        small: squeeze({ shape: [4, 2, 1] }),
        block: implicitBlock({ gx: g([2, 1, 4], 10), gz: g([2, 1, 4], 11) }),
        norm: actNorm({ shape: [2, 1, 4] }),
        row: flatten({ shape: [2, 1, 4] }),
        mixed: invertibleLinear({ dim: 8, key: key(3) }),
      }),
    ),
  backends: [wasm()],
});

const small: FlowSpec = imagePreset({
  shape: [4, 4, 1],
  blocks: 1,
  hidden: [3],
  coeff: 0.8,
  factorOut: true,
  dense: { blocks: 1, hidden: [4] },
});
testBijector({
  name: 'a whole multi-scale flow',
  make: () => lively(buildFlow({ ...small, blocks: small.blocks.slice(1) }, { key: key(12) }).bijector, 0.1),
  backends: [wasm()],
  input: (k, rows) => drawUniform(k, [rows, 4, 4, 1], 0.2, 0.8),
});
