import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
// Trains models of tfjs-layers on the backend `@impflow/backend-wasm`: node examples/backend-wasm/layers.mjs [--model
// mlp|convNet] [--simd relaxed|simd|stock] [--epochs 3]
import { wasm } from '@impflow/backend-wasm';
import { digits } from './digits.mjs';
import { trainOn } from './train.mjs';

/** @import { WasmOptions } from '@impflow/backend-wasm' */
/** @import { Digits } from './digits.mjs' */
/** @import { ModelName } from './models.mjs' */

/**
 * @typedef {object} Options
 * @property {ModelName} [model] Default: all models, in sequence.
 * @property {WasmOptions['simd']} [simd]
 * @property {number} [epochs]
 * @property {Digits} [data]
 */

/**
 * Trains the models one after the other and prints the results line by line.
 *
 * @param {(line: string) => void} print
 * @param {Options} [options]
 */
export const program = async (print, { model, simd, epochs = 3, data = digits() } = {}) => {
  const backend = await wasm(simd === undefined ? {} : { simd }).start();
  print(`${backend.name}, kernels: ${backend.capabilities.kernels}`);
  for (const name of model === undefined ? /** @type {const} */ (['mlp', 'convNet']) : [model]) {
    try {
      const { seconds, accuracy } = await trainOn(name, { epochs, data });
      print(
        `${name}: ${seconds.map((s) => s.toFixed(2)).join(', ')} s per epoch of ${data.train.labels.length} digits, accuracy ${(100 * accuracy).toFixed(1)} %`,
      );
    } catch (error) {
      print(`${name}: ${/** @type {Error} */ (error).message}`);
    }
  }
  backend.dispose();
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {
    values: { epochs, ...chosen },
  } = parseArgs({
    options: { model: { type: 'string' }, simd: { type: 'string' }, epochs: { type: 'string', default: '3' } },
  });
  await program(console.log, { .../** @type {Options} */ (chosen), epochs: Number(epochs) });
}
