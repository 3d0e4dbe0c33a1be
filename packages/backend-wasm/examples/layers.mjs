// A plain tfjs-layers program on this backend: node examples/layers.mjs [--model mlp|convNet] [--simd relaxed|simd|stock] [--epochs 3]
import { wasm } from '@impflow/backend-wasm';
import { parseArgs } from 'node:util';
import { digits } from './digits.mjs';
import { trainOn } from './train.mjs';

const { values: { model, simd, epochs } } = parseArgs({ options: { model: { type: 'string' }, simd: { type: 'string' }, epochs: { type: 'string', default: '3' } } });
const backend = await wasm(simd === undefined ? {} : { simd }).start();
console.log(`${backend.name}, kernels: ${backend.capabilities.kernels}`);
const data = digits();
for (const name of model === undefined ? ['mlp', 'convNet'] : [model]) {
  try {
    const { seconds, accuracy } = await trainOn(name, { epochs: Number(epochs), data });
    console.log(`${name}: ${seconds.map((s) => s.toFixed(2)).join(', ')} s per epoch of ${data.train.labels.length} digits, accuracy ${(100 * accuracy).toFixed(1)} %`);
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}
backend.dispose();
