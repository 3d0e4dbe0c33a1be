// Starts the backend once. The tests reset the engine of tfjs, and select the backend again with setBackend.
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it registers
import 'tfjs-core-tests/public/chained_ops/register_all_chained_ops.js';
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it registers
import 'tfjs-core-tests/register_all_gradients.js';
import { createRequire } from 'node:module';
import { setTestEnvs } from 'tfjs-core-tests/jasmine_util.js';
import { wasm } from '../../packages/backend-wasm/dist/index.js';

/** @import { WasmOptions } from '../../packages/backend-wasm/dist/index.js' */

/**
 * Settings from run.mjs: the build of the kernels, the file for the results, and words in the names of the tests.
 *
 * @type {{ simd: WasmOptions['simd']; file: string; only?: string }}
 */
export const { simd, file, only } = JSON.parse(process.env.IMPFLOW_FOREIGN ?? '');

const tfjsUrl = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
await wasm({ simd, tfjsUrl }).start();
setTestEnvs([
  {
    name: 'wasm',
    backendName: 'wasm',
    isDataSync: true,
    flags: { WASM_HAS_SIMD_SUPPORT: true, WASM_HAS_MULTITHREAD_SUPPORT: false },
  },
]);
