// `node tools/bench/root.mjs`: solves z + g(z) = h with the kernel ImpflowNetRoot and with the driver of the solvers,
// in turns. Prints the least and the median times in ms.
import { core, tf, wasm } from './library.mjs';

/**
 * @import { Solver } from '@impflow/core'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

const { anderson, quasiNewton, solve } = await import('../../packages/solvers/dist/index.js');
await wasm().start();

/**
 * @param {number} seed
 * @param {number[]} shape
 * @param {number} scale
 */
const draw = (seed, shape, scale) =>
  tf.tensor(
    Float32Array.from(
      core.normals(
        core.key(seed),
        shape.reduce((size, n) => size * n, 1),
      ),
      (x) => scale * x,
    ),
    shape,
  );
/** @returns {never} */
const missing = () => {
  throw new Error('No such kernel.');
};
/**
 * @param {string} name
 * @param {Readonly<Record<string, Tensor>>} inputs
 * @param {object} attributes
 * @returns {readonly Tensor[]}
 */
const run = (name, inputs, attributes) => {
  /** @type {() => readonly Tensor[]} */
  const composed = missing;
  return core.kernel(name).run(inputs, attributes, composed);
};
/** @param {readonly Tensor[]} tensors */
const dispose = (tensors) => tensors.forEach((tensor) => tensor.dispose());

/**
 * The map `h - g(z)` with its linearization, using the kernels for whole nets.
 *
 * @param {Tensor} h
 * @param {Readonly<Record<string, Tensor>>} net
 * @param {object} attributes
 */
const mapOf = (h, net, attributes) =>
  Object.assign(
    (/** @type {Tensor} */ z) =>
      tf.tidy(() => tf.sub(h, run('ImpflowNet', { x: z, ...net }, { ...attributes, keep: false })[0])),
    {
      linearize: (/** @type {Tensor} */ z) => {
        const [g, trace0] = run('ImpflowNet', { x: z, ...net }, { ...attributes, keep: true });
        const jvp = (/** @type {Tensor} */ t) =>
          tf.tidy(() =>
            tf.neg(run('ImpflowNetPush', { trace0, tangents: t, ...net }, { ...attributes, keep: false })[0]),
          );
        const value = tf.sub(h, g);
        const [batch, dim = 1] = z.shape;
        const jacobian = () => tf.tidy(() => core.jacobianOf(jvp(core.unitTangents(batch, dim))));
        return { value, jvp, vjp: missing, jacobian, dispose: () => dispose([g, trace0, value]) };
      },
    },
  );

/** @type {readonly { method: string; solver: Solver }[]} */
const METHODS = [
  { method: 'quasi-newton', solver: quasiNewton() },
  { method: 'anderson', solver: anderson() },
];

for (const { widths, batch } of [
  { widths: [2, 128, 128, 2], batch: 1 },
  { widths: [2, 128, 128, 2], batch: 500 },
  { widths: [2, 128, 128, 2], batch: 5000 },
  { widths: [6, 128, 128, 128, 128, 6], batch: 1000 },
]) {
  const pairs = widths.slice(1).map((m, i) => [widths[i], m]);
  const net = Object.fromEntries(
    pairs.flatMap(([n, m], i) => [
      [`w${i}`, draw(20 + i, [m, n], 1.5 / (Math.sqrt(n) + Math.sqrt(m)))],
      [`b${i}`, draw(40 + i, [m], 0.3)],
    ]),
  );
  const h = draw(1, [batch, widths[0]], 1);
  const attributes = { widths, activation: 'sin', alpha: 1 };
  const criteria = { atol: 1e-6, rtol: 1e-6, divergence: 1e4, maxSteps: 50 };
  for (const { method, solver } of METHODS) {
    /** @param {boolean} keep */
    const root = (keep) =>
      run(
        'ImpflowNetRoot',
        { h, ...net },
        { ...attributes, ...criteria, method, memory: Math.min(5, widths[0]), damping: 1, regularization: 1e-6, keep },
      );
    const contenders = {
      kernel: () => dispose(root(false)),
      'kernel, trace': () => dispose(root(true)),
      driver: () =>
        solve(mapOf(h, net, attributes), h, { solver, problem: 'fixed-point', ...criteria }).value.dispose(),
    };
    const found = root(false);
    const steps = Array.from(found[3].dataSync());
    dispose(found);
    const evaluations = steps.reduce((sum, step) => sum + step + 1, method === 'anderson' ? 0 : widths[0] * batch);
    /** @type {Readonly<Record<string, number[]>>} */
    const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    for (let round = 0; round < (batch > 2000 ? 15 : 35); round++) {
      for (const [name, contender] of Object.entries(contenders)) {
        const start = performance.now();
        contender();
        times[name].push(performance.now() - start);
      }
    }
    const shown = Object.entries(times).map(([name, all]) => {
      const sorted = all.slice(5).sort((a, b) => a - b);
      return `${name} ${sorted[0].toFixed(2)}, ${sorted[sorted.length >> 1].toFixed(2)}`;
    });
    const speed = (2 * evaluations * pairs.reduce((sum, [n, m]) => sum + n * m, 0)) / Math.min(...times.kernel) / 1e6;
    console.log(
      `${widths.join('-')}, B = ${batch}, ${method}, ${Math.max(...steps)} steps: ${shown.join('; ')} (kernel ${speed.toFixed(0)} GF/s)`,
    );
  }
}
