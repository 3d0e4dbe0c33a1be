import { cpu } from '@impflow/backend-cpu';
import {
  eliminate,
  fold,
  identity,
  jacobianOf,
  key,
  drawNormal,
  drawRademacher,
  scoped,
  sizeOf,
  type Estimate,
  type Key,
  type LogDetEstimator,
  type NetLinearization,
  type Pair,
  type Pushed,
} from '@impflow/core';
import {
  exact,
  geometric,
  poisson,
  powerSeries,
  probing,
  rouletteCoefficients,
  russianRoulette,
  seriesEstimate,
  type Distribution,
} from '@impflow/logdet';
import { testEstimator } from '@impflow/testkit';
import {
  add,
  clipByValue,
  div,
  expandDims,
  keep,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  reverse,
  slice,
  square,
  sum,
  tensor1d,
  tile,
  transpose,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

const roulette = russianRoulette();
/** Returns a correct estimator with a changed estimate. */
const changed = (
  name: string,
  from: LogDetEstimator,
  change: (estimate: Estimate, g: NetLinearization) => Partial<Estimate>,
): LogDetEstimator => ({
  ...from,
  name,
  estimate: (g, key) =>
    scoped(() => {
      const estimate = from.estimate(g, key);
      return { ...estimate, ...change(estimate, g) };
    }),
});
/** Returns a correct estimator with a changed pair. Estimates without a pair do not change. */
const paired = (name: string, from: LogDetEstimator, change: (pair: Pair) => Partial<Pair>): LogDetEstimator =>
  changed(name, from, ({ pair }) => (pair === undefined ? {} : { pair: { ...pair, ...change(pair) } }));
const unit = exact();
const tenTerms = powerSeries({ terms: 10, probe: 'basis' });
let calls = 0;
let estimates = 0;
/** Returns a number for each row of a stack, `[1, B, 1, ...]`. */
const perRow = ({ shape }: Tensor, of: (row: number) => number): Tensor =>
  reshape(tensor1d(Array.from({ length: shape[1]! }, (_, row) => of(row))), [
    1,
    shape[1]!,
    ...shape.slice(2).map(() => 1),
  ]);

/** Drops the last entry of a stack, if the stack has several entries. */
const butLast = (stack: Tensor): Tensor => slice(stack, 0, Math.max(1, stack.shape[0]! - 1));

const estimators: readonly LogDetEstimator[] = [
  { ...unit, name: 'sound' },
  { ...roulette, name: 'sound roulette' },
  { ...russianRoulette({ exactTerms: 0, distribution: poisson() }), name: 'sound without exact terms' },
  // Truncates the series after two terms, and declares itself unbiased.
  { ...powerSeries({ terms: 2 }), name: 'drops terms', bias: 'unbiased' },
  // The terms are divided by the survival probabilities of a Poisson distribution with another `lambda`.
  {
    ...russianRoulette({
      exactTerms: 1,
      distribution: { ...poisson({ lambda: 2 }), survival: (k) => poisson({ lambda: 3 }).survival(k) },
    }),
    name: 'weights of another roulette',
  },
  // The estimator with the most noise: a Poisson roulette without exact terms.
  changed(
    'a first term five percent too large',
    russianRoulette({ exactTerms: 0, distribution: firstTerm(1 / 1.05) }),
    () => ({}),
  ),
  {
    ...roulette,
    name: 'ignores the first row of a part',
    estimate: (g, { high, low }) => roulette.estimate(g, { high, low }),
  },
  changed('three percent too large', roulette, ({ logDet }) => ({ logDet: mul(1.03, logDet) })),
  changed('exact plus 1e-5', unit, ({ logDet }) => ({ logDet: add(logDet, 1e-5) })),
  paired('cotangents five percent too large', roulette, ({ cotangents }) => ({ cotangents: mul(1.05, cotangents) })),
  paired('cotangents of the wrong sign', unit, ({ cotangents }) => ({ cotangents: neg(cotangents) })),
  paired('cotangents of zero', unit, ({ cotangents }) => ({ cotangents: zerosLike(cotangents) })),
  paired('pairs for some tangents only', unit, ({ pushed: { tangents, images }, cotangents }) => ({
    pushed: { tangents: butLast(tangents), images: butLast(images), entering: [] },
    cotangents: butLast(cotangents),
  })),
  paired('images that are not J t', unit, ({ pushed }) => ({
    pushed: { ...pushed, images: mul(1.01, pushed.images) },
  })),
  paired('pairs of flat points', unit, ({ pushed, cotangents }) => ({
    pushed,
    cotangents: reshape(cotangents, [cotangents.shape[0]!, cotangents.shape[1]!, -1]),
  })),
  changed('one number for all rows', unit, ({ logDet }) => ({ logDet: sum(logDet) })),
  changed('centered over the batch', unit, ({ logDet }) => ({ logDet: add(logDet, mul(1e-3, mean(logDet))) })),
  changed('spreads NaN', unit, ({ logDet }) => ({ logDet: add(logDet, mul(0, sum(logDet))) })),
  paired('spreads NaN in its cotangents', unit, ({ cotangents }) => ({
    cotangents: add(cotangents, mul(0, sum(cotangents))),
  })),
  changed('leaks a tensor', unit, ({ logDet }) => {
    keep(logDet.clone());
    return {};
  }),
  changed('another value if a gradient is computed', unit, ({ logDet }, { tracked }) => ({
    logDet: tracked ? add(logDet, 1e-3) : logDet,
  })),
  paired('cotangents twice as large from row 40 on', unit, ({ cotangents }) => ({
    cotangents: mul(
      cotangents,
      perRow(cotangents, (row) => (row < 40 ? 1 : 2)),
    ),
  })),
  changed('exact, clipped at 3', unit, ({ logDet }) => ({ logDet: clipByValue(logDet, -3, 3) })),
  changed('NaN where the Jacobian is zero', unit, ({ logDet }) => ({ logDet: div(square(logDet), logDet) })),
  changed('one percent too large from the 41st estimate on', unit, ({ logDet }) => ({
    logDet: ++estimates > 40 ? mul(1.01, logDet) : logDet,
  })),
  noisy('draws numbers for the whole batch in one call', (k, x) => {
    const all = drawNormal(k, [x.shape[0]! + 1, 3]);
    return reverse(slice(all, [1, 0]), 0);
  }),
  noisy('ignores its key', (_k, x) => drawNormal(key(++calls), [x.shape[0]!, 3])),
];

/** Returns the rows of the Jacobian, `[d, B, d]`, from the images of the unit tangents. */
const columns = ({ images }: Pushed): Tensor => reshape(images, [images.shape[0]!, images.shape[1]!, images.shape[0]!]);
/** Exact and unbiased estimators that are wrong only for wide events, without a gradient, or for later calls. */
const rarely: readonly LogDetEstimator[] = [
  {
    ...unit,
    name: 'a missing transpose in the gradient above 16 entries',
    estimate: (g, k) => {
      const [batch, dim] = [g.value.shape[0]!, sizeOf(g.value.shape.slice(1))];
      if (dim <= 16 || !g.tracked) return unit.estimate(g, k);
      return scoped(() => {
        const pushed = g.units();
        const units = tile(expandDims(identity(dim), 0), [batch, 1, 1]);
        const { solution, logDet } = eliminate(add(units, jacobianOf(columns(pushed))), units);
        return { logDet, pair: { pushed, cotangents: reshape(transpose(solution, [2, 0, 1]), pushed.images.shape) } };
      });
    },
  },
  {
    ...unit,
    name: 'twenty terms of the series above 8 entries without a gradient',
    estimate: (g, k) => {
      const dim = sizeOf(g.value.shape.slice(1));
      if (g.tracked || dim <= 8) return unit.estimate(g, k);
      return scoped(() => {
        const jacobian = jacobianOf(columns(g.units()));
        const trace = (m: Tensor): Tensor => sum(mul(m, identity(dim)), [1, 2]);
        let [power, total] = [jacobian, trace(jacobian)];
        for (let n = 2; n <= 20; n++) {
          power = matMul(power, jacobian);
          total = add(total, mul(trace(power), (n % 2 === 0 ? -1 : 1) / n));
        }
        return { logDet: total };
      });
    },
  },
  {
    ...unit,
    name: 'disposes the images of the unit tangents',
    estimate: (g, k) => {
      const estimate = unit.estimate(g, k);
      if (!g.tracked) g.units().images.dispose();
      return estimate;
    },
  },
  {
    ...unit,
    name: 'ten terms of the series above 48 entries',
    estimate: (g, k) => (sizeOf(g.value.shape.slice(1)) > 48 ? tenTerms : unit).estimate(g, k),
  },
  // From row 128 on, the probes of the first rows are used again.
  {
    ...roulette,
    name: 'probes for 128 rows',
    estimate: (g, k) =>
      scoped(() => {
        const [rows, ...event] = g.value.shape as [number, ...number[]];
        const probes = probing('broken', {})([Math.min(rows, 128), ...event], fold(k, 1));
        const many = tile(probes, [1, Math.ceil(rows / 128), ...event.map(() => 1)]);
        const coefficients = rouletteCoefficients(geometric(), 2, geometric().sample(fold(k, 0)));
        return seriesEstimate(g, slice(many, [0, 0], [1, rows]), coefficients);
      }),
  },
  // The leading bits of one random word give the number of terms and the signs of the probe.
  {
    ...roulette,
    name: 'one key for terms and probes',
    estimate: (g, k) =>
      scoped(() => {
        const distribution = geometric();
        const signs = reshape(drawRademacher(k, g.value.shape), [1, ...g.value.shape]);
        return seriesEstimate(g, signs, rouletteCoefficients(distribution, 2, distribution.sample(k)));
      }),
  },
  // The weights belong to a distribution with more short series, so that late terms are too large.
  {
    ...russianRoulette({ distribution: { ...geometric(), survival: (m) => geometric({ p: 0.6 }).survival(m) } }),
    name: 'late terms with the weights of shorter series',
  },
  // The term 10 + m is divided by 0.5^m and not by 0.5^(m - 1), so every random term counts twice.
  {
    ...roulette,
    name: 'random terms that count twice',
    estimate: (g, k) =>
      scoped(() => {
        const distribution = { ...geometric({ p: 0.5 }), survival: (m: number) => 0.5 ** m };
        const coefficients = rouletteCoefficients(distribution, 10, distribution.sample(fold(k, 0)));
        return seriesEstimate(g, probing('broken', {})(g.value.shape, fold(k, 1)), coefficients);
      }),
  },
];

/** Returns a Poisson distribution whose probability of at least one term is multiplied by `factor`. */
function firstTerm(factor: number): Distribution {
  const sound = poisson();
  return { ...sound, survival: (k) => (k === 1 ? factor * sound.survival(1) : sound.survival(k)) };
}

/**
 * Returns an estimator that adds noise of mean zero to the exact log-determinant. The noise of a row is the sum of
 * three numbers.
 */
function noisy(name: string, draw: (k: Key, x: Tensor) => Tensor): LogDetEstimator {
  return {
    ...unit,
    name,
    bias: 'unbiased',
    estimate: (g, k) =>
      scoped(() => {
        const estimate = unit.estimate(g, k);
        return { ...estimate, logDet: add(estimate.logDet, mul(0.01, sum(draw(fold(k, 1), g.value), 1))) };
      }),
  };
}

/** Names of estimators with little noise. */
const calm = new Set(['draws numbers for the whole batch in one call', 'ignores its key']);

for (const estimator of [...estimators, ...rarely])
  testEstimator({ estimator: () => estimator, backends: [cpu()], estimates: calm.has(estimator.name) ? 20 : 100 });
