// Replaces the package `long`, with which TensorFlow.js computes hashes of strings. The page has no strings in tensors.

export default {
  // Called when the script is loaded.
  fromString: () => undefined,
  fromBytes: () => {
    throw new Error('[demo] The page has no hashes of strings: expected tensors of numbers.');
  },
};
