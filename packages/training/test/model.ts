import { key, drawNormal, normals, fold, scoped, type Key } from '@impflow/core';
import type { FitOptions, Trainable } from '@impflow/training';
import { adam, cosine, warmup } from '@impflow/training';
import {
  add,
  div,
  exp,
  matMul,
  maximum,
  mean,
  mul,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  transpose,
  variable,
  zeros,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';

const DIM = 2;

const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
const unit = (x: Tensor): Tensor => div(x, sqrt(sum(square(x))));
const put = (target: Variable, value: Tensor): void => target.assign(value as never);

/**
 * A conditional Gaussian density of the second half of a row. Its mean depends on the first half by a linear map with a
 * capped spectral norm. The small model has parameters, vectors of the power iteration that only `refresh` changes, and
 * an optimum in closed form.
 */
export const gaussian = (seed: number): Trainable & { nats(batch: Tensor): Tensor; sigma(): number } => {
  // The initial weights are small. A weight whose norm exceeds the cap is scaled to the cap. The model then does not
  // depend on the norm of the weight, so no gradient would reduce the norm below the cap.
  const weight = own(() => mul(0.2, drawNormal(key(seed), [DIM, DIM])));
  const location = own(() => zeros([DIM]));
  const logScale = own(() => zeros([DIM]));
  const v = own(() => unit(drawNormal(key(seed + 1), [DIM, 1])));
  const image = (): Tensor => matMul(weight, v);
  return {
    parameters: { 'net.weight': weight, 'net.location': location, logScale },
    buffers: { 'net.v': v },
    refresh: ({ iterations = 1 } = {}) => {
      for (let i = 0; i < iterations; i++)
        scoped(() => {
          put(v, unit(matMul(transpose(weight), image())));
        });
    },
    sigma: () => scoped(() => sqrt(sum(square(image()))).dataSync()[0]!),
    nats: (batch) => {
      const condition = slice(batch, [0, 0], [-1, DIM]);
      const target = slice(batch, [0, DIM], [-1, DIM]);
      const capped = div(weight, maximum(1, div(sqrt(sum(square(image()))), 0.9)));
      const z = div(sub(target, add(matMul(condition, transpose(capped)), location)), exp(logScale));
      return add(mean(sum(mul(0.5, square(z)), 1)), add(sum(logScale), (DIM / 2) * Math.log(2 * Math.PI)));
    },
  };
};

/**
 * Parameters of the distribution of the rows, `y = A x + b + s e`. The norm of `A` is 0.5, so the cap of 0.9 is not
 * active at the optimum.
 */
export const TRUTH = {
  a: [
    [0.3, -0.4],
    [0.4, 0.3],
  ],
  b: [1, -2],
  s: [0.5, 0.25],
} as const;
/** The conditional entropy `h(y | x)`. The mean loss of any model of the conditional density is at least this value. */
export const ENTROPY: number = Math.log(2 * Math.PI * Math.E) + Math.log(TRUTH.s[0]) + Math.log(TRUTH.s[1]);

export const rows = (k: Key, count: number): Tensor => {
  const x = normals(fold(k, 0), 2 * count);
  const e = normals(fold(k, 1), 2 * count);
  const out = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < DIM; j++) {
      out[4 * i + j] = x[2 * i + j]!;
      out[4 * i + DIM + j] =
        TRUTH.a[j]![0]! * x[2 * i]! + TRUTH.a[j]![1]! * x[2 * i + 1]! + TRUTH.b[j]! + TRUTH.s[j]! * e[2 * i + j]!;
    }
  }
  return tensor(out, [count, 4]);
};

type Model = ReturnType<typeof gaussian>;

export const heldOut =
  (model: Model, count = 200) =>
  (k: Key): { nats: number; standardError: number } =>
    scoped(() => ({ nats: model.nats(rows(fold(k, 9), count)).dataSync()[0]!, standardError: 1 / Math.sqrt(count) }));

/** Options of `fit` that use every feature: noise in the loss, clipping, averaging, schedules, validation. */
export const everything = (model: Model, steps: number): FitOptions => ({
  model,
  steps,
  batch: (_step, k) => rows(k, 32),
  loss: (batch, k) => model.nats(add(batch, mul(0.01, drawNormal(k, batch.shape)))),
  validate: heldOut(model),
  optimizer: adam(),
  learningRate: 0.05,
  schedule: warmup(3, cosine({ steps: 40 })),
  clipNorm: 1,
  emaDecay: 0.8,
  validateEvery: 3,
  tightRefresh: { iterations: 30 },
  key: key(7),
});
