/**
 * Counts the bytes of tensors while `body` runs, each buffer once however many tensors share it: `tf.memory().numBytes` counts every clone, and the tape clones what
 * it saves. What a kernel takes for itself while it runs is not among them. `body` gets a function that tells `{ now, peak }`. The library is an
 * argument: tests bring it from source, scripts compiled.
 */
export const countingBytes = (tf, body) => {
  const hooked = tf.engine();
  const { trackTensor, removeDataId, state } = hooked;
  let now = 0, peak = 0;
  const bytes = () => ({ now, peak });
  // Own properties replace the methods, because tfjs looks them up at each call.
  hooked.trackTensor = (tensor, backend) => {
    const known = state.tensorInfo.has(tensor.dataId);
    trackTensor.call(hooked, tensor, backend);
    if (!known) now += state.tensorInfo.get(tensor.dataId).bytes;
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
    delete hooked.trackTensor;
    delete hooked.removeDataId;
  }
};
