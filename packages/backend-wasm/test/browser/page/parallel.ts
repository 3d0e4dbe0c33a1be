import { wasm } from '@impflow/backend-wasm';
import { key, release } from '@impflow/core';
import { dataParallel } from '@impflow/training';
import { memory } from '@tensorflow/tfjs-core';
import { learnable, points } from './model.ts';

export interface Shared {
  readonly losses: readonly number[];
  /**
   * Largest element of the gradient that this page computes without Workers, and largest difference between this
   * gradient and the gradient computed with two Workers.
   */
  readonly largest: number;
  readonly difference: number;
  readonly parameters: number;
  readonly leaked: number;
}

/** Computes the gradient of a batch in this page only, then in this page and two module Workers. */
export const parallel = async (): Promise<Shared> => {
  const backend = await wasm().start();
  const own = learnable(4);
  const gradientsOf = async (
    workers: number,
  ): Promise<{ readonly loss: number; readonly flat: Readonly<Record<string, Float32Array>> }> => {
    const group = await dataParallel({
      workers,
      module: () => new Worker(new URL('./gradients.ts', import.meta.url), { type: 'module' }),
    });
    const { value, gradients } = await group.gradients(own, points, key(7), () => {});
    const flat = Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [name, gradient.dataSync<'float32'>()]),
    );
    const [loss] = value.dataSync() as unknown as [number];
    release({ value, gradients });
    await group.close();
    return { loss, flat };
  };
  const alone = await gradientsOf(1);
  // Layers allocate some tensors at their first use and keep them, so count tensors after the first use.
  const before = memory().numTensors;
  const together = await gradientsOf(3);
  const leaked = memory().numTensors - before;
  let largest = 0;
  let difference = 0;
  for (const [name, gradient] of Object.entries(alone.flat)) {
    gradient.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - (together.flat[name]?.[i] ?? NaN)));
    });
  }
  backend.dispose();
  return {
    losses: [alone.loss, together.loss],
    largest,
    difference,
    parameters: Object.keys(alone.flat).length,
    leaked,
  };
};
