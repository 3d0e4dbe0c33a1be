/**
 * @typedef {object} TensorBytes
 * @property {number} peak Largest number of bytes at any time, minus the number at the start.
 * @property {number} now Current number of bytes, minus the number at the start.
 */

/**
 * Counts the bytes of tensors while `body` runs. Each buffer counts once, however many tensors share it:
 * `tf.memory().numBytes` counts every clone, and the tape clones the tensors that it saves. Scratch memory of a kernel
 * is not counted. `body` receives a function that returns `{ now, peak }`. TensorFlow.js is an argument, because tests
 * pass its source and scripts pass the compiled library.
 *
 * @template T
 * @param {Pick<typeof import('@tensorflow/tfjs-core'), 'engine'>} tf
 * @param {(bytes: () => TensorBytes) => T} body
 * @returns {{ readonly result: T; readonly bytes: TensorBytes }}
 */
export const countingBytes = (tf, body) => {
  const hooked = tf.engine();
  const { trackTensor, removeDataId, state } = hooked;
  let now = 0,
    peak = 0;
  const bytes = () => ({ now, peak });
  // Functions assigned to the engine object override its methods, because tfjs looks up the methods at each call.
  hooked.trackTensor = (tensor, backend) => {
    const known = state.tensorInfo.has(tensor.dataId);
    trackTensor.call(hooked, tensor, backend);
    if (!known) now += state.tensorInfo.get(tensor.dataId)?.bytes ?? 0;
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
