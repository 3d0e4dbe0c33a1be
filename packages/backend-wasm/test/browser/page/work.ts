/// <reference types="vite/client" />
import { wasm } from '@impflow/backend-wasm';
import relaxed from '@impflow/backend-wasm/relaxed.wasm?url&no-inline';
import simd from '@impflow/backend-wasm/simd.wasm?url&no-inline';
import { key, normals, release, writeAtomically } from '@impflow/core';
import { adam, decodeCheckpoint, encodeCheckpoint, fitToEnd, readSafetensors } from '@impflow/training';
import { matMul, memory, sin, tensor1d, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { learnable, points, spec } from './model.ts';
import type { Job } from './outcome.ts';

export interface Work {
  readonly kernels: string | undefined;
  /** Largest differences between the results of the kernels and results in float64. */
  readonly product: number;
  readonly sine: number;
  readonly losses: readonly number[];
  /**
   * Number of tensors after the last step minus the number after the first step. Layers allocate tensors in the first
   * step.
   */
  readonly leaked: number;
  /** Whether a checkpoint is unchanged after encoding and decoding. */
  readonly checkpoint: boolean;
  /** Error messages of functions that need a file system, which a page lacks. */
  readonly files: readonly string[];
}

/** Starts the backend, compares products and sines with float64, trains a small flow. */
export const work = async ({ kernels, simd: build, tfjsUrl }: Job): Promise<Work> => {
  const backend = await wasm({
    ...(kernels === 'url'
      ? { kernelsUrl: { relaxed: new URL(relaxed, import.meta.url), simd: new URL(simd, import.meta.url) } }
      : {}),
    ...(build === undefined ? {} : { simd: build }),
    ...(tfjsUrl === undefined ? {} : { tfjsUrl }),
  }).start();
  const product = productError();
  const sine = sineError();
  const trained = await train();
  const said = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'nothing', String);
  const files = [await said(writeAtomically('a', new Uint8Array())), await said(readSafetensors('a'))];
  backend.dispose();
  return { kernels: backend.capabilities.kernels, product, sine, ...trained, files };
};

/**
 * Returns the largest error of a product in all four transpositions. The sides of the matrices are not multiples of the
 * block sizes.
 */
const productError = (): number => {
  const [rows, inner, columns] = [37, 43, 29];
  const a = Float32Array.from(normals(key(1), rows * inner));
  const b = Float32Array.from(normals(key(2), inner * columns));
  const turned = (m: Float32Array, height: number, width: number): Tensor2D =>
    tensor2d(
      Float32Array.from(m, (_, i) => m[(i % height) * width + Math.floor(i / height)]!),
      [width, height],
    );
  const left = [tensor2d(a, [rows, inner]), turned(a, rows, inner)] as const;
  const right = [tensor2d(b, [inner, columns]), turned(b, inner, columns)] as const;
  let worst = 0;
  for (const i of [0, 1] as const) {
    for (const j of [0, 1] as const) {
      matMul(left[i], right[j], i === 1, j === 1)
        .dataSync<'float32'>()
        .forEach((got, at) => {
          let sum = 0;
          for (let k = 0; k < inner; k++)
            sum += a[Math.floor(at / columns) * inner + k]! * b[k * columns + (at % columns)]!;
          worst = Math.max(worst, Math.abs(got - sum));
        });
    }
  }
  return worst;
};

const sineError = (): number => {
  const x = Float32Array.from(normals(key(3), 5001), (value, i) => value * (i % 2 === 0 ? 3 : 3000));
  return sin(tensor1d(x))
    .dataSync<'float32'>()
    .reduce((worst, got, i) => Math.max(worst, Math.abs(got - Math.sin(x[i]!))), 0);
};

const train = async (): Promise<Pick<Work, 'losses' | 'leaked' | 'checkpoint'>> => {
  const { model, loss } = learnable(4);
  const losses: number[] = [];
  const tensors: number[] = [];
  const { state } = await fitToEnd(
    { model, loss, batch: points, optimizer: adam(), learningRate: 2e-2, steps: 12, key: key(6) },
    (step) => {
      losses.push(step.loss);
      tensors.push(memory().numTensors);
    },
  );
  const bytes = await encodeCheckpoint({ spec, seed: 4, model, state });
  release(state);
  const checkpoint = JSON.stringify(decodeCheckpoint(bytes).spec) === JSON.stringify(spec);
  return { losses, leaked: tensors.at(-1)! - tensors[0]!, checkpoint };
};
