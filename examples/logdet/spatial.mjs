// Measures how similar neighboring counties are, by a spatial autoregressive model whose likelihood needs log det(I -
// rho W): node examples/logdet/spatial.mjs
import {
  customOp,
  defineContraction,
  defineLinearization,
  fold,
  kept,
  key,
  recording,
  valueAndGradients,
} from '@impflow/core';
import { exact, powerSeries, russianRoulette, truncationBound } from '@impflow/logdet';
import {
  add,
  div,
  gather,
  log,
  mean,
  mul,
  neg,
  reshape,
  square,
  sub,
  sum,
  tanh,
  tensor1d,
  tensor2d,
  tidy,
  train,
  transpose,
  unsortedSegmentSum,
  variable,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { counties, inTexas } from './counties.mjs';
import { main } from './main.mjs';

/** @import { Contraction, Key, LogDetEstimator, Pair } from '@impflow/core' */
/** @import { Scalar, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs-core' */
/** @import { Counties } from './counties.mjs' */

/**
 * @typedef {object} Graph
 * @property {number} count
 * @property {Float32Array} degree
 * @property {(x: Tensor) => Tensor} times
 * @property {() => void} dispose
 */

/** @typedef {Contraction & { readonly rho: () => Tensor }} SpatialLag */

/** `rho = LIMIT tanh(raw)`, so the map is a contraction for every `raw`. */
const LIMIT = 0.99;

/**
 * Returns the product `[.., n] -> [.., n]` with the matrix `W = D^-1/2 A D^-1/2` of a graph, computed over its edges.
 * `W` has norm 1. `D^-1 A`, the mean of the neighbors, has the same log-determinants, because the two matrices are
 * similar.
 *
 * @param {Pick<Counties, 'ids' | 'edges'>} data
 * @returns {Graph}
 */
export const graph = ({ ids, edges }) => {
  const degree = new Float32Array(ids.length);
  for (const [a, b] of edges) {
    degree[a] += 1;
    degree[b] += 1;
  }
  const both = [...edges, ...edges.map(([a, b]) => [b, a])];
  const [from, to] = [0, 1].map((end) =>
    tensor1d(
      Int32Array.from(both, (edge) => edge[end]),
      'int32',
    ),
  );
  const weights = tensor2d(
    Float32Array.from(both, ([a, b]) => 1 / Math.sqrt(degree[a] * degree[b])),
    [both.length, 1],
  );
  /** @param {Tensor} x */
  const times = (x) => {
    const columns = transpose(reshape(x, [-1, ids.length]));
    return reshape(transpose(unsortedSegmentSum(mul(gather(columns, from), weights), to, ids.length)), x.shape);
  };
  return {
    count: ids.length,
    degree,
    times,
    dispose: () => {
      for (const owned of [from, to, weights]) owned.dispose();
    },
  };
};

/**
 * Returns `g(x) = -rho W x` as a custom contraction, for which `I + J` is `I - rho W`. Its linearization defines three
 * derivatives by hand: `J` times a tangent, `J^T` times a cotangent (`J^T` equals `J`, because `W` is symmetric), and
 * the gradient of `<u, g(x)> + sum_k <c_k, J t_k>`, here with respect to `rho`. `trained` converts this gradient to
 * `raw`.
 *
 * @param {Graph} graph
 * @param {number} [start]
 * @returns {SpatialLag}
 */
export const spatialLag = ({ count, times }, start = 0) => {
  const raw = variable(tensor1d([Math.atanh(start / LIMIT)]));
  const rho = () => mul(LIMIT, tanh(raw));
  /** @param {Tensor} x */
  const product = (x) => neg(mul(rho(), times(x)));
  const g = defineContraction({
    shape: [count],
    lipschitz: LIMIT,
    parameters: { raw },
    value: product,
    linearize: (x, { tracked = true } = {}) => {
      const { value, neighbors } = kept(() => ({ value: product(x), neighbors: times(x) }));
      return defineLinearization({
        value,
        tracked,
        owned: [neighbors],
        jvp: product,
        vjp: product,
        push: (tangents) => ({ images: product(tangents), entering: [] }),
        pullback: ({ value: u, pair, onto }) => {
          /**
           * @param {Tensor} a
           * @param {Tensor} b
           */
          const of = (a, b) => reshape(neg(sum(mul(a, b))), [1]);
          const parts = [
            ...(onto ?? []),
            ...(u === undefined ? [] : [of(u, neighbors)]),
            ...(pair === undefined ? [] : [of(pair.cotangents, times(pair.pushed.tangents))]),
          ];
          return {
            x: u === undefined ? zerosLike(value) : product(u),
            weights: [parts.reduce((total, part) => add(total, part))],
          };
        },
      });
    },
    trained: ([slope]) => [mul(slope, mul(LIMIT, sub(1, square(tanh(raw)))))],
  });
  return { ...g, rho };
};

/**
 * Returns `log det(I - rho W)`, a scalar, by an estimator. An estimate is not recorded on the tape, so this function
 * defines a custom operation, whose gradient comes from the pairs of the estimate.
 *
 * @param {LogDetEstimator} estimator
 * @param {Contraction} g
 * @param {Key} k
 * @returns {Scalar}
 */
export const logDet = (estimator, g, k) => {
  const tracked = recording();
  return reshape(
    customOp(Object.values(g.parameters), {
      forward: () => {
        const at = g.linearize(zeros([1, ...g.shape]), { tracked });
        const { logDet, pair } = estimator.estimate(at, k);
        return { value: logDet, saved: { at, pair: /** @type {Pair} */ (pair) } };
      },
      backward: (u, { at, pair: { pushed, cotangents } }) =>
        g.trained(at.pullback({ pair: { pushed, cotangents: mul(cotangents, u) } }).weights),
    }),
    [],
  );
};

/**
 * Returns the negative log-likelihood per county, up to a constant, of the model
 * `y = rho mean(neighbors of y) + beta + noise`. The best `beta` and the best variance of the noise have closed forms.
 * See Ord, Estimation Methods for Models of Spatial Interaction, 1975.
 *
 * @param {LogDetEstimator} estimator
 * @param {Graph} graph
 * @param {SpatialLag} g
 * @param {Tensor1D} y
 * @param {Key} k
 * @returns {Scalar}
 */
export const negative = (estimator, { times, degree, count }, g, y, k) =>
  tidy(() => {
    const root = tensor1d(degree.map(Math.sqrt));
    const neighbors = div(times(mul(y, root)), root);
    const rest = sub(y, mul(g.rho(), neighbors));
    const variance = mean(square(sub(rest, mean(rest))));
    return sub(mul(0.5, log(variance)), div(logDet(estimator, g, k), count));
  });

/**
 * Runs Adam on `raw`. Returns the mean of `rho` over the second half of the steps.
 *
 * @param {LogDetEstimator} estimator
 * @param {Counties} data
 * @param {object} [options]
 * @param {number} [options.steps]
 * @param {number} [options.rate]
 * @param {number} [options.seed]
 * @param {(step: number, rho: number) => void} [options.onStep]
 */
export const fit = (estimator, data, { steps = 120, rate = 0.05, seed = 1, onStep } = {}) => {
  const W = graph(data),
    g = spatialLag(W);
  const y = tensor1d(data.rates);
  const optimizer = train.adam(rate);
  let total = 0;
  for (let step = 0; step < steps; step++) {
    const { value, gradients } = valueAndGradients(
      () => negative(estimator, W, g, y, fold(key(seed), step)),
      g.parameters,
    );
    // The types of `applyGradients` require variables, but it accepts any tensor.
    optimizer.applyGradients({ [g.parameters.raw.name]: /** @type {Variable} */ (gradients.raw) });
    const rho = tidy(() => g.rho().dataSync()[0]);
    onStep?.(step, rho);
    if (step >= steps / 2) total += rho / Math.floor(steps / 2);
    for (const owned of [value, gradients.raw]) owned.dispose();
  }
  for (const owned of [W, y, g.parameters.raw, optimizer]) owned.dispose();
  return total;
};

/**
 * Returns the mean and the standard error of `count` independent estimates.
 *
 * @param {LogDetEstimator} estimator
 * @param {Contraction} g
 * @param {number} count
 */
export const estimates = (estimator, g, count) => {
  const drawn = Array.from({ length: count }, (_, i) =>
    tidy(() => logDet(estimator, g, fold(key(3), i)).dataSync()[0]),
  );
  const average = drawn.reduce((sum, one) => sum + one, 0) / count;
  return { average, error: Math.sqrt(drawn.reduce((sum, one) => sum + (one - average) ** 2, 0) / (count - 1) / count) };
};

export const roulette = () => russianRoulette({ exactTerms: 10, probes: 8 });

/**
 * Runs the whole program and prints line by line.
 *
 * @param {(line: string) => void} print
 */
export const program = (print) => {
  const [texas, country] = [counties(inTexas), counties()];
  const W = graph(texas),
    g = spatialLag(W, 0.7);
  print(`Texas: ${texas.ids.length} counties, ${texas.edges.length} borders between two; log det(I - 0.7 W)`);
  print(`exact: ${tidy(() => logDet(exact({ maxDim: texas.ids.length }), g, key(0)).dataSync()[0]).toFixed(4)}`);
  for (const terms of [4, 10, 20]) {
    const value = tidy(() => logDet(powerSeries({ terms, probe: 'basis' }), g, key(0)).dataSync()[0]);
    print(
      `series of ${terms} terms, exact traces: ${value.toFixed(4)}, off by at most ${truncationBound(texas.ids.length, 0.7, terms).toPrecision(2)}`,
    );
  }
  const { average, error } = estimates(roulette(), g, 200);
  print(`200 estimates by roulette: ${average.toFixed(4)} +- ${error.toFixed(4)}`);
  print(`rho by the exact log-determinant: ${fit(exact({ maxDim: texas.ids.length }), texas).toFixed(3)}`);
  print(`rho by roulette: ${fit(roulette(), texas).toFixed(3)}`);
  print(`all states: ${country.ids.length} counties, ${country.edges.length} borders`);
  print(
    `rho by roulette: ${fit(roulette(), country, {
      onStep: (step, rho) => {
        if (step % 20 === 0) print(`step ${step}: rho ${rho.toFixed(3)}`);
      },
    }).toFixed(3)}`,
  );
  for (const owned of [W, g.parameters.raw]) owned.dispose();
};

await main(import.meta, program);
