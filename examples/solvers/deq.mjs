// Classifies handwritten digits by a deep-equilibrium layer, and by the unrolled layer for comparison: node
// examples/solvers/deq.mjs
import { key, drawNormal } from '@impflow/core';
import { anderson, fixedPoint, implicit } from '@impflow/solvers';
import {
  add,
  argMax,
  equal,
  losses,
  matMul,
  mean,
  memory,
  mul,
  oneHot,
  slice,
  tanh,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { digits } from './digits.mjs';
import { main } from './main.mjs';

/** @import { Shape, SolveStats } from '@impflow/core' */
/** @import { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core' */
/** @import { Digits } from './digits.mjs' */

/** @typedef {Readonly<Record<'W' | 'U' | 'b' | 'V' | 'c', Variable>>} Weights */

/** @typedef {(weights: Weights, injected: Tensor) => Tensor} Layer */

const PIXELS = 784,
  HIDDEN = 64,
  CLASSES = 10;

/**
 * Returns the parameters of `z = tanh(z W + x U + b)` and of a linear output layer on `z`. `W` starts with a norm of
 * about 0.8.
 *
 * @returns {Weights}
 */
export const parameters = () =>
  tidy(() => {
    /**
     * @param {number} seed
     * @param {Shape} shape
     * @param {number} scale
     */
    const own = (seed, shape, scale) => variable(mul(drawNormal(key(seed), shape), scale));
    return {
      W: own(1, [HIDDEN, HIDDEN], 0.4 / Math.sqrt(HIDDEN)),
      U: own(2, [PIXELS, HIDDEN], 1 / Math.sqrt(PIXELS)),
      b: variable(zeros([HIDDEN])),
      V: own(3, [HIDDEN, CLASSES], 1 / Math.sqrt(HIDDEN)),
      c: variable(zeros([CLASSES])),
    };
  });

/**
 * Solves for the equilibrium by Anderson's method. The implicit function theorem gives its gradient. Tensors that the
 * loss computes are passed to the map through `inputs`.
 *
 * @param {(stats: SolveStats) => void} [report]
 * @param {number} [rtol]
 * @returns {Layer}
 */
export const equilibrium =
  (report, rtol = 1e-4) =>
  ({ W }, injected) => {
    const solution = implicit((z, u) => tanh(add(matMul(z, W), u)), zeros(injected.shape), {
      solver: anderson(),
      fallback: [fixedPoint()],
      inputs: [injected],
      atol: rtol,
      rtol,
    });
    report?.(solution.stats);
    return solution.value;
  };

/**
 * Returns a layer that applies the map `depth` times on the tape instead of solving for the equilibrium.
 *
 * @param {number} depth
 * @returns {Layer}
 */
export const unrolled =
  (depth) =>
  ({ W }, injected) => {
    let z = tanh(injected);
    for (let k = 1; k < depth; k++) z = tanh(add(matMul(z, W), injected));
    return z;
  };

/**
 * @param {Weights} weights
 * @param {Layer} layer
 * @param {Tensor} x
 */
const logits = (weights, layer, x) =>
  add(matMul(layer(weights, add(matMul(x, weights.U), weights.b)), weights.V), weights.c);

/**
 * Returns the mean cross-entropy, a scalar.
 *
 * @param {Weights} weights
 * @param {Layer} layer
 * @param {Tensor} x
 * @param {Tensor} labels
 * @returns {Scalar}
 */
export const lossOf = (weights, layer, x, labels) =>
  losses.softmaxCrossEntropy(oneHot(labels, CLASSES), logits(weights, layer, x));

/**
 * Trains the layer. Returns `{ accuracy, kept, seconds }`, where `kept` is the number of buffers that one step holds
 * for its backward pass.
 *
 * @param {Layer} layer
 * @param {object} [options]
 * @param {Digits} [options.data]
 * @param {number} [options.epochs]
 * @param {number} [options.batch]
 * @param {number} [options.rate]
 */
export const learn = (
  layer,
  { data = digits({ train: 300, test: 100 }), epochs = 4, batch = 100, rate = 3e-3 } = {},
) => {
  const weights = parameters();
  const optimizer = train.adam(rate);
  const [x, labels] = [
    tensor2d(data.train.images, [data.train.labels.length, PIXELS]),
    tensor1d(Int32Array.from(data.train.labels), 'int32'),
  ];
  const begun = performance.now();
  let kept = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let from = 0; from + batch <= labels.size; from += batch) {
      tidy(() => {
        const [images, kinds] = [slice(x, [from, 0], [batch, PIXELS]), slice(labels, [from], [batch])];
        optimizer.minimize(
          () => {
            const before = memory().numDataBuffers;
            const loss = lossOf(weights, layer, images, kinds);
            kept = memory().numDataBuffers - before;
            return loss;
          },
          false,
          Object.values(weights),
        );
      });
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  const accuracy = tidy(() => {
    const guesses = argMax(logits(weights, layer, tensor2d(data.test.images, [data.test.labels.length, PIXELS])), 1);
    return mean(equal(guesses, tensor1d(Int32Array.from(data.test.labels), 'int32'))).dataSync()[0];
  });
  for (const owned of [x, labels, optimizer, ...Object.values(weights)]) owned.dispose();
  return { accuracy, kept, seconds };
};

/**
 * Runs the whole program and prints line by line.
 *
 * @param {(line: string) => void} print
 */
export const program = (print) => {
  const data = digits({ train: 300, test: 100 });
  const solves = { steps: 0, count: 0, undone: 0 };
  const layers = {
    equilibrium: equilibrium(({ steps, converged }) => {
      solves.steps += steps;
      solves.count += 1;
      solves.undone += converged.filter((done) => done === 0).length;
    }),
    ...Object.fromEntries([4, 16, 64].map((depth) => [`unrolled ${depth} times`, unrolled(depth)])),
  };
  print(`${data.train.labels.length} digits to train on, ${data.test.labels.length} to test`);
  for (const [name, layer] of Object.entries(layers)) {
    const { accuracy, kept, seconds } = learn(layer, { data });
    print(
      `${name}: accuracy ${(100 * accuracy).toFixed(1)} %, ${kept} buffers held for the backward pass, ${seconds.toFixed(1)} s`,
    );
  }
  print(
    `the ${solves.count} solves took ${(solves.steps / solves.count).toFixed(1)} steps on average; ${solves.undone} rows did not converge`,
  );
};

await main(import.meta, program);
