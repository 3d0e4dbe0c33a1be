// Trains with one estimator for SECONDS on one thread and prints the held-out loss as JSON:
// `node racer.mjs JOB ESTIMATOR SEED SECONDS`.
import { core, tf, training, wasm } from '../bench/library.mjs';
import { mean, variance } from '../bench/statistics.mjs';
import { JOBS, started } from './jobs.mjs';

const [, , name, estimator, seed, seconds] = process.argv;
await wasm().start();
const job = JOBS[name]();
const { flow, loss } = started(job, estimator, Number(seed));
const begin = performance.now();
const spent = () => (performance.now() - begin) / 1000;
const loop = training.fit({
  model: flow,
  loss,
  batch: job.batch,
  key: core.key(Number(seed)),
  steps: Number.MAX_SAFE_INTEGER,
  optimizer: training.adam(),
  clipNorm: 10,
  // The learning rate falls to a hundredth by half a cosine over the available time.
  learningRate: job.learningRate,
  schedule: () => Math.max(0.01, 0.5 * (1 + Math.cos(Math.PI * Math.min(1, spent() / Number(seconds))))),
});
let steps = 0;
for (; spent() < Number(seconds); steps++) await loop.next();
flow.refresh({ tolerance: 1e-5 });
const rows = job.heldOut();
/** @type {number[]} */
const found = [];
for (let from = 0; from < rows.shape[0]; from += 100) {
  const part = tf.slice(
    rows,
    [from, ...rows.shape.slice(1).map(() => 0)],
    [Math.min(100, rows.shape[0] - from), ...rows.shape.slice(1)],
  );
  found.push(...core.scoped(() => flow.logProb(part, { key: core.fold(core.key(0), from) })).dataSync());
  part.dispose();
}
console.log(
  JSON.stringify({
    estimator,
    steps,
    unit: job.unit,
    heldOut: -mean(found) * job.scale,
    standardError: Math.sqrt(variance(found) / found.length) * job.scale,
  }),
);
