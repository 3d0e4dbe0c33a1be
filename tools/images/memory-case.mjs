// Makes one training step of a flow on images in a separate process: node memory-case.mjs BLOCKS keep|budget
// GRADIENTS_FILE
// Prints one line of JSON; writes all gradients, concatenated, as float32.
import { writeFileSync } from 'node:fs';
import { countingBytes } from '../../packages/testkit/private/counting-bytes.mjs';
import { core, flows, tf, wasm } from '../bench/library.mjs';
import { batchOf, noisy, digits } from './digits.mjs';
import { BATCH, specOf } from './memory-spec.mjs';

/** @import { KernelBackend } from '@tensorflow/tfjs-core' */

/** @typedef {KernelBackend & { wasm: { asm: { memory: WebAssembly.Memory } } }} BackendWasm */

const [blocks, memory, file] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
await wasm().start();
const flow = flows.buildFlow(specOf(blocks), { key: core.key(1), memory: /** @type {'keep' | 'budget'} */ (memory) });
core.scoped(() =>
  flow.initialize(
    noisy(
      digits.train,
      Uint32Array.from({ length: BATCH }, (_, i) => 7 * i),
      core.key(2),
    ),
  ),
);
// Changes the initial parameters, because with the initial parameters all blocks are the identity map.
Object.entries(flow.parameters).forEach(([name, parameter], i) => {
  if (!name.endsWith('weight') || parameter.rank !== 4) return;
  const next = core.scoped(() =>
    tf.add(parameter, tf.mul(core.drawNormal(core.fold(core.key(3), i), parameter.shape), 0.05)),
  );
  parameter.assign(next);
  next.dispose();
});
flow.refresh({ tolerance: 1e-5 });

const batch = batchOf(BATCH)(0, core.key(4));
/** @type {number | undefined} */
let held;
/** @param {() => import('../../packages/testkit/private/counting-bytes.mjs').TensorBytes} [bytes] */
const step = (bytes) =>
  core.valueAndGradients(() => {
    const loss = tf.neg(tf.mean(flow.logProb(batch, { train: true, key: core.key(5) })));
    held = bytes?.().now ?? held;
    return loss;
  }, flow.parameters);
// The first step is not counted: it computes the capped weights, and kernels allocate their scratch memory.
const start = performance.now();
core.release(step());
const first = performance.now();
const {
  result: { value, gradients },
  bytes: { peak },
} = countingBytes(tf, step);
const loss = value.dataSync()[0];
const times = [performance.now() - first];
writeFileSync(
  file,
  Buffer.concat(Object.values(gradients).map((g) => Buffer.from(Float32Array.from(g.dataSync()).buffer))),
);
core.release(gradients);
for (let i = 0; i < 2; i++) {
  const begin = performance.now();
  core.release(step());
  times.push(performance.now() - begin);
}
console.log(
  JSON.stringify({
    blocks,
    memory,
    held,
    peak,
    wasm: /** @type {BackendWasm} */ (tf.backend()).wasm.asm.memory.buffer.byteLength,
    resident: process.resourceUsage().maxRSS * 1024,
    seconds: times.sort((a, b) => a - b)[1] / 1000,
    loss,
    warm: (first - start) / 1000,
    sizes: Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, g.size])),
  }),
);
