import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, release, scoped, valueAndGradients } from '@impflow/core';
import { toy } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { adam, fitToEnd } from '@impflow/training';
import { mean, neg, tensor, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { buildFlow, toyPreset, type NormalizingFlow } from '../../src/index.ts';
import { matrix, type Matrix } from '../float64-tape.ts';
import { negativeLogLikelihood, type Float64Flow } from '../float64.ts';

const SEED = key(64);
const COEFF = 0.99;
const BATCH = 128;
const board = (k: ReturnType<typeof key>, rows: number): Float32Array => toy('checkerboard').sample(k, rows);
const lossOf = (flow: NormalizingFlow, x: Tensor): Tensor => neg(mean(flow.logProb(x, { train: true })));

/**
 * Builds the paper's model with random last layers whose norms are at the cap, then trains the model for some steps.
 */
const partlyTrained = async (): Promise<NormalizingFlow> => {
  const flow = buildFlow(toyPreset(), { key: SEED });
  const last = Object.entries(flow.parameters).filter(([name]) => name.endsWith('layers.4.weight'));
  for (const [i, [, weight]] of last.entries()) {
    const noise = normals(fold(SEED, i), weight.size);
    // A [2, 128] matrix with entries of standard deviation 0.09 has a spectral norm of about 1.1, which is above the
    // cap.
    scoped(() =>
      weight.assign(
        tensor(
          Float32Array.from(noise, (n) => 0.09 * n),
          weight.shape,
        ) as typeof weight,
      ),
    );
  }
  flow.refresh({ tolerance: 1e-5 });
  const { state } = await fitToEnd({
    model: flow,
    steps: 25,
    optimizer: adam(),
    learningRate: 5e-3,
    key: fold(SEED, 100),
    batch: (_step, k) => tensor2d(board(k, BATCH), [BATCH, 2]),
    loss: (x) => lossOf(flow, x),
  });
  release(state);
  return flow;
};

/** Returns the weights, biases and power vectors of the flow in float64. */
const inFloat64 = ({ parameters, buffers }: NormalizingFlow): Float64Flow => ({
  blocks: 6,
  coeff: COEFF,
  tensors: Object.fromEntries(
    Object.entries({ ...parameters, ...buffers }).map(([name, variable]): [string, Matrix] => {
      const columns = variable.shape.at(-1)!;
      return [name, { rows: variable.size / columns, columns, values: Float64Array.from(variable.dataSync()) }];
    }),
  ),
});

let flow: NormalizingFlow;
onBackend(wasm());
beforeAll(async () => {
  flow = await partlyTrained();
});

const rowsOf = (values: Float32Array): Matrix => matrix(values.length / 2, 2, (i, j) => values[2 * i + j]!);
const norm = (values: Float64Array): number => Math.sqrt(values.reduce((total, v) => total + v * v, 0));
const difference = (a: ArrayLike<number>, b: Float64Array): Float64Array => b.map((value, i) => a[i]! - value);

it('the float64 gradient agrees with central differences of the float64 loss', () => {
  const judge = inFloat64(flow);
  const x = rowsOf(board(fold(SEED, 200), 8));
  const { gradients } = negativeLogLikelihood(judge, x);
  const step = 1e-5;
  const pieces = [
    'gx.layers.0.weight',
    'gx.layers.2.weight',
    'gx.layers.4.bias',
    'gz.layers.0.bias',
    'gz.layers.2.weight',
    'gz.layers.4.weight',
  ];
  for (const [i, piece] of pieces.entries()) {
    const name = `blocks.${i}.${piece}`;
    const { values, ...size } = judge.tensors[name]!;
    const scale = norm(gradients[name]!) / Math.sqrt(values.length);
    // Check the largest entry and one more entry of the gradient.
    const largest = gradients[name]!.reduce((best, g, k, all) => (Math.abs(g) > Math.abs(all[best]!) ? k : best), 0);
    for (const at of [largest, (7919 * (i + 1)) % values.length]) {
      const lossAt = (shift: number): number =>
        negativeLogLikelihood(
          {
            ...judge,
            tensors: {
              ...judge.tensors,
              [name]: { ...size, values: values.map((v, k) => (k === at ? v + shift : v)) },
            },
          },
          x,
          false,
        ).value;
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
      expect(Math.abs(slope - gradients[name]![at]!), `${name}[${at}]`).toBeLessThan(
        1e-6 * Math.max(scale, Math.abs(slope)),
      );
    }
  }
});

it('the map of the tested model is far from the identity', () => {
  const x = tensor2d(board(fold(SEED, 202), 1000), [1000, 2]);
  const { value, logDet } = scoped(() => flow.bijector.forwardWithLogDet(x, { key: SEED }));
  const moved = difference(value.dataSync(), Float64Array.from(x.dataSync()));
  const logDets = logDet.dataSync();
  expect(norm(moved) / Math.sqrt(1000)).toBeGreaterThan(1);
  expect(Math.max(...logDets) - Math.min(...logDets)).toBeGreaterThan(2);
  release([x, value, logDet]);
});

it('the float32 gradient of a training step of the toy model is within 1e-4 of the float64 gradient', () => {
  const draws = board(fold(SEED, 201), BATCH);
  const judge = negativeLogLikelihood(inFloat64(flow), rowsOf(draws));
  const { value, gradients } = valueAndGradients(() => lossOf(flow, tensor2d(draws, [BATCH, 2])), flow.parameters);
  const loss = value.dataSync()[0]!;
  expect(Math.abs(loss - judge.value)).toBeLessThan(1e-5 * Math.abs(judge.value));

  const perTensor = Object.entries(gradients).map(([name, gradient]) => {
    const expected = judge.gradients[name]!;
    return { name, size: norm(expected), error: norm(difference(gradient.dataSync(), expected)) };
  });
  const total = (of: (entry: (typeof perTensor)[number]) => number): number => norm(Float64Array.from(perTensor, of));
  const relative = total(({ error }) => error) / total(({ size }) => size);
  expect(Object.keys(gradients)).toHaveLength(72);
  expect(relative).toBeLessThan(1e-4);
  for (const { name, size, error } of perTensor) expect(error / size, name).toBeLessThan(1e-4);
  release(gradients);
  value.dispose();
});
