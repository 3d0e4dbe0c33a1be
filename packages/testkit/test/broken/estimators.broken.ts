import { cpu } from '@impflow/backend-cpu';
import { fold, key, normal, recording, scoped, withGradientOf, type Contraction, type Key, type LogDetEstimator, type Transformed } from '@impflow/core';
import { exact, poisson, powerSeries, russianRoulette } from '@impflow/logdet';
import { testEstimator } from '@impflow/testkit';
import { add, keep, mean, mul, reverse, slice, sum, type Tensor } from '@tensorflow/tfjs-core';

const roulette = russianRoulette();
/** Of a sound estimate, changed afterwards. */
const changed = (name: string, from: LogDetEstimator, change: (estimate: Transformed, g: Contraction, x: Tensor) => Partial<Transformed>): LogDetEstimator => ({
  ...from, name, estimate: (g, x, key) => scoped(() => { const estimate = from.estimate(g, x, key); return { ...estimate, ...change(estimate, g, x) }; }),
});
const unit = exact();
let calls = 0;

const estimators: readonly LogDetEstimator[] = [
  { ...unit, name: 'sound' },
  { ...roulette, name: 'sound roulette' },
  // The series cut after two terms, and not said so.
  { ...powerSeries({ terms: 2 }), name: 'drops terms', bias: 'unbiased' },
  // Divided by the chance to be reached, but of another distribution.
  { ...russianRoulette({ exactTerms: 1, distribution: { ...poisson({ lambda: 2 }), survival: (k) => poisson({ lambda: 3 }).survival(k) } }), name: 'weights of another roulette' },
  changed('three percent too much', roulette, ({ logDet }) => ({ logDet: mul(1.03, logDet) })),
  changed('exact but for a hundred-thousandth', unit, ({ logDet }) => ({ logDet: add(logDet, 1e-5) })),
  changed('a gradient five percent too large', roulette, ({ logDet }) => ({ logDet: withGradientOf(logDet, mul(1.05, logDet)) })),
  changed('a gradient of the wrong sign', unit, ({ logDet }) => ({ logDet: withGradientOf(logDet, mul(-1, logDet)) })),
  changed('no gradient for its sign', unit, ({ logDet }, g, x) => ({ logDet: withGradientOf(logDet, sum(mul(g.apply(x), 0), 1)) })),
  changed('another map', unit, ({ value }) => ({ value: add(value, 1e-4) })),
  changed('centred over the batch', unit, ({ logDet }) => ({ logDet: add(logDet, mul(1e-3, mean(logDet))) })),
  changed('spreads NaN', unit, ({ logDet }) => ({ logDet: add(logDet, mul(0, sum(logDet))) })),
  changed('leaks a tensor', unit, ({ logDet }) => { keep(logDet.clone()); return {}; }),
  changed('other numbers where a gradient is recorded', unit, ({ logDet }) => ({ logDet: recording() ? add(logDet, 1e-3) : logDet })),
  noisy('draws for the whole batch at once', (k, x) => { const all = normal(k, [x.shape[0]! + 1, 3]); return reverse(slice(all, [1, 0]), 0); }),
  noisy('ignores its key', (_k, x) => normal(key(++calls), [x.shape[0]!, 3])),
];

/** An exact log-determinant with noise of mean zero: a draw of three numbers for each row. */
function noisy(name: string, draw: (k: Key, x: Tensor) => Tensor): LogDetEstimator {
  return {
    ...unit, name, bias: 'unbiased',
    estimate: (g, x, k) => scoped(() => {
      const { value, logDet } = unit.estimate(g, x, k);
      return { value, logDet: add(logDet, mul(0.01, sum(draw(fold(k, 1), x), 1))) };
    }),
  };
}

/** Of little noise. */
const calm = new Set(['draws for the whole batch at once', 'ignores its key']);

for (const estimator of estimators) testEstimator({ estimator: () => estimator, backends: [cpu()], estimates: calm.has(estimator.name) ? 20 : 100 });
