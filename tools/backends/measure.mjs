import * as tf from '@tensorflow/tfjs-core';
// Measures a backend: its errors on the parity fixtures, and a short training run with a fixed seed. Runs in Node and
// in a page. Uses the compiled packages. The backend is an argument.
import * as core from '../../packages/core/dist/index.js';
import * as flows from '../../packages/flows/dist/index.js';
import { toy } from '../../packages/tables/dist/toys.js';
import { parityOf } from '../../packages/testkit/private/parity.mjs';
import { adam, decodeSafetensors, fit } from '../../packages/training/dist/index.js';

/**
 * @import { BackendAdapter, Capabilities, Key } from '@impflow/core'
 * @import { HostTensors } from '@impflow/training'
 * @import { FlowCase } from '../../packages/testkit/private/parity.mjs'
 */

/**
 * A flow of the parity fixtures.
 *
 * @typedef {object} Fixture
 * @property {string} name
 * @property {HostTensors} tensors
 * @property {FlowCase} spec
 */

/**
 * The results of one backend; see `page.mjs` for the columns of the table.
 *
 * @typedef {object} Measured
 * @property {string} backend
 * @property {Capabilities} capabilities
 * @property {{ z: number; logDet: number; gradients: number }} parity
 * @property {number} loss
 * @property {number} unconverged
 * @property {number} secondsPerStep
 * @property {{ tensorsAtStep10: number; tensorsAtEnd: number; mibAtStep10?: number; mibAtEnd?: number }} memory
 */

/** The training run is small enough for the backend in plain JavaScript and for software graphics. */
export const JOB = {
  blocks: 2,
  hidden: [16, 16],
  batch: 100,
  learningRate: 5e-3,
  judgedAt: 200,
  steps: 500,
  heldOut: 2000,
};

/**
 * Converts the fixtures that contain flows, as bytes by file name, to the input of `measure`.
 *
 * @param {Readonly<Record<string, Uint8Array>>} files
 * @returns {readonly Fixture[]}
 */
export const flowCases = (files) =>
  Object.entries(files).flatMap(([name, bytes]) => {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const spec = JSON.parse(metadata.case);
    return ['implicit', 'residual'].includes(spec.kind) ? [{ name, tensors, spec }] : [];
  });

/**
 * Measures errors, loss, times and memory of one backend. `say` prints progress.
 *
 * @param {BackendAdapter} adapter
 * @param {readonly Fixture[]} cases
 * @param {(what: string) => void} say
 * @returns {Promise<Measured>}
 */
export const measure = async (adapter, cases, say) => {
  const backend = await adapter.start();
  const parity = { z: 0, logDet: 0, gradients: 0 };
  for (const one of cases) {
    say(`parity: ${one.name}`);
    const { z, logDet, gradients } = await parityOf({ core, flows, tf }, one);
    parity.z = Math.max(parity.z, z);
    parity.logDet = Math.max(parity.logDet, logDet);
    parity.gradients = Math.max(parity.gradients, ...Object.values(gradients));
  }
  const board = toy('checkerboard');
  const flow = flows.buildFlow(flows.toyPreset({ blocks: JOB.blocks, hidden: JOB.hidden }), { key: core.key(1) });
  /**
   * @param {Key} key
   * @param {number} n
   */
  const rows = (key, n) => tf.tensor2d(board.sample(key, n), [n, 2]);
  const loop = fit({
    model: flow,
    optimizer: adam(),
    learningRate: JOB.learningRate,
    steps: JOB.steps,
    key: core.key(2),
    batch: (_step, key) => rows(key, JOB.batch),
    loss: (x, key, report) => tf.neg(tf.mean(flow.logProb(x, { train: true, key, report }))),
  });
  const seconds = [];
  const tensors = [];
  let unconverged = 0;
  let loss = NaN;
  /** @type {number | undefined} */
  let first;
  for (;;) {
    const start = performance.now();
    const { value, done } = await loop.next();
    if (done) {
      core.release(value.state);
      break;
    }
    seconds.push((performance.now() - start) / 1000);
    tensors.push(tf.memory().numTensors);
    for (const { unconverged: n } of Object.values(value.solves ?? {})) unconverged += n;
    if (value.step % 20 === 0) say(`step ${value.step} of ${JOB.steps}, loss ${value.loss.toFixed(3)}`);
    if (value.step === 10) first = residentMiB();
    if (value.step === JOB.judgedAt) {
      flow.refresh({ tolerance: 1e-5 });
      const losses = await core.settle(() =>
        core.scoped(() => tf.neg(tf.mean(flow.logProb(rows(core.key(3), JOB.heldOut))))),
      );
      [loss] = await losses.data();
      losses.dispose();
    }
  }
  const last = residentMiB();
  const { capabilities } = backend;
  backend.dispose();
  return {
    backend: adapter.name,
    capabilities,
    parity,
    loss,
    unconverged,
    secondsPerStep: median(seconds.slice(10)),
    memory: {
      tensorsAtStep10: tensors[9],
      tensorsAtEnd: tensors[tensors.length - 1],
      mibAtStep10: first,
      mibAtEnd: last,
    },
  };
};

/**
 * Returns the used memory: in Node the resident memory, after a garbage collection if Node exposes it; in a page the
 * JavaScript heap.
 */
const residentMiB = () => {
  globalThis.gc?.();
  if (globalThis.process?.memoryUsage !== undefined) return process.memoryUsage().rss / 2 ** 20;
  /** @type {number | undefined} */
  const heap = Reflect.get(performance, 'memory')?.usedJSHeapSize;
  return heap === undefined ? undefined : heap / 2 ** 20;
};

/** @param {readonly number[]} numbers */
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
