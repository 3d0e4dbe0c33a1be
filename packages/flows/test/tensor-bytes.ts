import { engine, type Tensor } from '@tensorflow/tfjs-core';

export interface TensorBytes {
  /** The most at any time, beyond what was there before. */
  readonly peak: number;
  /** Beyond what was there before, at this moment. */
  readonly now: number;
}

/**
 * Counts the bytes of tensors while `body` runs, each buffer once however many tensors share it: `tf.memory().numBytes` counts every clone, and the tape
 * clones what it saves. What a kernel takes for itself while it runs is not among them.
 *
 * @example
 * const { peak } = countingBytes((bytes) => step(() => console.log('at the end of the forward pass', bytes().now))).bytes;
 */
export const countingBytes = <T>(body: (bytes: () => TensorBytes) => T): { readonly result: T; readonly bytes: TensorBytes } => {
  const hooked = engine() as unknown as Engine;
  const { trackTensor, removeDataId, state } = hooked;
  let [now, peak] = [0, 0];
  const bytes = (): TensorBytes => ({ now, peak });
  // Own properties in place of the methods, which tfjs looks up at each call.
  hooked.trackTensor = (tensor, backend) => {
    const known = state.tensorInfo.has(tensor.dataId);
    trackTensor.call(hooked, tensor, backend);
    if (!known) now += state.tensorInfo.get(tensor.dataId)!.bytes;
    peak = Math.max(peak, now);
  };
  hooked.removeDataId = (dataId, backend) => {
    const size = state.tensorInfo.get(dataId)?.bytes ?? 0;
    removeDataId.call(hooked, dataId, backend);
    if (!state.tensorInfo.has(dataId)) now -= size;
  };
  try {
    return { result: body(bytes), bytes: bytes() };
  } finally {
    Reflect.deleteProperty(hooked, 'trackTensor');
    Reflect.deleteProperty(hooked, 'removeDataId');
  }
};

/** What is hooked of the engine of tfjs. */
interface Engine {
  trackTensor(tensor: Tensor, backend: unknown): void;
  removeDataId(dataId: object, backend: unknown): void;
  readonly state: { readonly tensorInfo: WeakMap<object, { readonly bytes: number }> };
}
