import { cpu } from '@impflow/backend-cpu';
import { normals, rowUniforms } from '@impflow/core';
import { normalBase, type BaseDistribution } from '@impflow/flows';
import { testBase } from '@impflow/testkit';
import {
  abs,
  add,
  clipByValue,
  concat,
  div,
  exp,
  keep,
  log,
  mean,
  mul,
  neg,
  reshape,
  slice,
  stack,
  sub,
  sum,
  tensor1d,
  tensor2d,
  tile,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import { valueWithGradient } from './value-with-gradient.ts';

const bases: Readonly<Record<string, (base: BaseDistribution) => Partial<BaseDistribution>>> = {
  sound: () => ({}),
  'not normalized': (base) => ({ logProb: (z) => add(base.logProb(z), 0.01) }),
  'draws five percent too wide': (base) => ({
    sample: (key, rows, temperature) => mul(1.05, base.sample(key, rows, temperature)),
  }),
  'draws two percent too wide in the last entry': (base) => ({
    sample: (key, rows, temperature) =>
      mul(
        base.sample(key, rows, temperature),
        tensor1d(Array.from({ length: base.dim }, (_, j) => (j === base.dim - 1 ? 1.02 : 1))),
      ),
  }),
  'a gradient of another density': (base) => ({
    logProb: (z) => {
      const logProb = base.logProb(z);
      return valueWithGradient(logProb, mul(1.01, logProb));
    },
  }),
  'ignores its key': (base) => ({
    sample: (key, rows, temperature) => base.sample({ ...key, low: 1, high: 1 }, rows, temperature),
  }),
  'ignores the rows of its key': (base) => ({
    sample: ({ high, low }, rows, temperature) => base.sample({ high, low }, rows, temperature),
  }),
  'spreads NaN': (base) => ({
    logProb: (z) => {
      const logProb = base.logProb(z);
      return add(logProb, mul(0, mean(logProb)));
    },
  }),
  'mixes rows': (base) => ({
    logProb: (z) => {
      const logProb = base.logProb(z);
      return add(logProb, mul(1e-3, mean(logProb)));
    },
  }),
  'leaks a tensor': (base) => ({
    logProb: (z) => {
      const logProb = base.logProb(z);
      keep(logProb.clone());
      return logProb;
    },
  }),
  // Adding a vector `[B]` to this column `[B, 1]` gives a matrix, and a mean over the matrix hides the error.
  'a column of log-densities': (base) => ({ logProb: (z) => reshape(base.logProb(z), [-1, 1]) }),
  'reports one dimension too many': (base) => ({ dim: base.dim + 1 }),
  'ignores its temperature': (base) => ({ sample: (key, rows) => base.sample(key, rows) }),
  'divides by its temperature': (base) => ({
    sample: (key, rows, temperature = 1) => base.sample(key, rows, 1 / temperature),
  }),
  'a temperature of the variance': (base) => ({
    sample: (key, rows, temperature = 1) => base.sample(key, rows, Math.sqrt(temperature)),
  }),
  'a wrong constant above two dimensions': (base) => ({
    logProb: (z) => add(base.logProb(z), 0.01 * Math.max(0, base.dim - 2)),
  }),
  // The density around 1 is correct, but the temperature also scales the center.
  'a temperature that moves the center': (base) => ({
    logProb: (z) => base.logProb(sub(z, 1)),
    sample: (key, rows, temperature = 1) => mul(add(base.sample(key, rows), 1), temperature),
  }),
  'a temperature that moves a trained center': (base) => {
    const center = variable(zeros([base.dim]));
    return {
      parameters: { center },
      logProb: (z) => base.logProb(sub(z, center)),
      sample: (key, rows, temperature = 1) => mul(add(base.sample(key, rows), center), temperature),
    };
  },
  // Each row begins with the last number of the previous row.
  'rows that share a number in three dimensions': (base) =>
    base.dim < 3
      ? {}
      : {
          sample: (key, rows, temperature) => {
            const [stream, step] = [reshape(base.sample(key, rows, temperature), [-1]), base.dim - 1];
            return stack(Array.from({ length: rows }, (_, row) => slice(stream, [row * step], [base.dim])));
          },
        },
  // Normal numbers come in pairs, so that an odd number of draws leaves one number unused.
  'keeps a spare number for the next draw': (base) => {
    let spare: number | undefined;
    return {
      sample: (key, rows, temperature = 1) => {
        const wanted = rows * base.dim;
        const kept = spare === undefined ? [] : [spare];
        const numbers = [...kept, ...normals(key, 2 * Math.ceil((wanted - kept.length) / 2))];
        spare = numbers[wanted];
        return mul(tensor2d(numbers.slice(0, wanted), [rows, base.dim]), temperature);
      },
    };
  },
  'every row twice': (base) => ({
    sample: (key, rows, temperature) => {
      const half = base.sample(key, Math.ceil(rows / 2), temperature);
      return slice(concat([half, half]), 0, rows);
    },
  }),
  'rows in pairs of opposite sign': (base) => ({
    sample: (key, rows, temperature) => {
      const half = base.sample(key, Math.ceil(rows / 2), temperature);
      return slice(concat([half, neg(half)]), 0, rows);
    },
  }),
  // The draws are correct at the initial parameter.
  'draws divided by the learned scale': (base) => {
    const scale = variable(tensor1d([1]));
    return {
      parameters: { scale },
      logProb: (z) => sub(base.logProb(div(z, scale)), mul(base.dim, log(scale))),
      sample: (key, rows, temperature) => div(base.sample(key, rows, temperature), scale),
    };
  },
  'a wrong constant above eight dimensions': (base) => ({
    logProb: (z) => add(base.logProb(z), base.dim > 8 ? 0.3 : 0),
  }),
  'ignores the entries after the eighth': (base) => ({
    logProb: (z) => normalBase({ dim: Math.min(8, base.dim) }).logProb(slice(z, [0, 0], [-1, Math.min(8, base.dim)])),
  }),
  'no temperature below 0.2': (base) => ({
    sample: (key, rows, temperature = 1) => base.sample(key, rows, Math.max(0.2, temperature)),
  }),
  'draws clipped at 3.2 deviations': (base) => ({
    sample: (key, rows, temperature = 1) =>
      clipByValue(base.sample(key, rows, temperature), -3.2 * temperature, 3.2 * temperature),
  }),
  'draws clipped at 3.7 deviations': (base) => ({
    sample: (key, rows, temperature = 1) =>
      clipByValue(base.sample(key, rows, temperature), -3.7 * temperature, 3.7 * temperature),
  }),
  'the first 16 numbers again above 16 dimensions': (base) => ({
    sample: (key, rows, temperature) => {
      const first = slice(base.sample(key, rows, temperature), [0, 0], [rows, Math.min(16, base.dim)]);
      return slice(tile(first, [1, Math.ceil(base.dim / 16)]), [0, 0], [rows, base.dim]);
    },
  }),
  'a single draw that is too narrow': (base) => ({
    sample: (key, rows, temperature) => mul(rows === 1 ? 0.8 : 1, base.sample(key, rows, temperature)),
  }),
  // The density underflows at distances of more than about 14 widths from the center.
  'a log-density of -Infinity far from zero': (base) => ({ logProb: (z) => log(exp(base.logProb(z))) }),
};

/** Returns independent Laplace densities with learned scales. The log-density has a kink at 0. */
const laplace = (dim: number): BaseDistribution => {
  const logScale = variable(zeros([dim]));
  return {
    name: 'laplace',
    dim,
    parameters: { logScale },
    logProb: (z) => neg(sum(add(add(abs(div(z, exp(logScale))), Math.LN2), logScale), 1)),
    sample: (key, rows, temperature = 1) => {
      const noise = rowUniforms(key, rows, dim).map((u) => (u < 0.5 ? Math.log(2 * u) : -Math.log(2 * (1 - u))));
      return mul(mul(exp(logScale), tensor2d(Float32Array.from(noise), [rows, dim])), temperature);
    },
  };
};
testBase({ name: 'sound with a kink', base: laplace, kinks: true, backends: [cpu()] });

for (const [name, change] of Object.entries(bases))
  testBase({
    name,
    base: (dim) => {
      const base = normalBase({ dim });
      return { ...base, ...change(base) };
    },
    backends: [cpu()],
  });
