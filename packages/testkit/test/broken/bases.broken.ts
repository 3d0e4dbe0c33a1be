import { cpu } from '@impflow/backend-cpu';
import { normal, type BaseDistribution } from '@impflow/flows';
import { testBase } from '@impflow/testkit';
import { add, keep, mean, mul } from '@tensorflow/tfjs-core';
import { valueWithGradient } from './value-with-gradient.ts';

const bases: Readonly<Record<string, (base: BaseDistribution) => Partial<BaseDistribution>>> = {
  'sound': () => ({}),
  'not normalised': (base) => ({ logProb: (z) => add(base.logProb(z), 0.01) }),
  'draws five percent too wide': (base) => ({ sample: (key, rows) => mul(1.05, base.sample(key, rows)) }),
  'a gradient of another density': (base) => ({ logProb: (z) => { const logProb = base.logProb(z); return valueWithGradient(logProb, mul(1.01, logProb)); } }),
  'ignores its key': (base) => ({ sample: (key, rows) => base.sample({ ...key, low: 1, high: 1 }, rows) }),
  'spreads NaN': (base) => ({ logProb: (z) => { const logProb = base.logProb(z); return add(logProb, mul(0, mean(logProb))); } }),
  'mixes rows': (base) => ({ logProb: (z) => { const logProb = base.logProb(z); return add(logProb, mul(1e-3, mean(logProb))); } }),
  'leaks a tensor': (base) => ({ logProb: (z) => { const logProb = base.logProb(z); keep(logProb.clone()); return logProb; } }),
};

for (const [name, change] of Object.entries(bases)) testBase({ name, base: (dim) => { const base = normal({ dim }); return { ...base, ...change(base) }; }, backends: [cpu()] });
