// Measures a training step of a plain tfjs-layers program: `node layers.mjs --model mlp|convNet [--simd stock]`.
// serve.mjs describes its input and output.
import { parseArgs } from 'node:util';
import { stepper } from '../../examples/backend-wasm/train.mjs';
import { wasm } from './library.mjs';
import { serve, warmUp } from './serve.mjs';

/** @import { SimdOption } from './library.mjs' */

const {
  values: { model, simd },
} = parseArgs({ options: { model: { type: 'string', default: 'mlp' }, simd: { type: 'string' } } });
const { capabilities } = await wasm({ simd: /** @type {SimdOption} */ (simd) }).start();
const { step, dispose } = stepper(/** @type {Parameters<typeof stepper>[0]} */ (model));
await serve({
  facts: { engine: `tfjs-layers, kernels ${capabilities.kernels}`, seconds: await warmUp(step, 30) },
  repeat: step,
  conclude: async () => {
    dispose();
    return {};
  },
});
