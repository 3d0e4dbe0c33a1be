// Replaces the file of `@tensorflow/tfjs-core` that registers its optimizers. The page trains with `@impflow/training`.

export const registerOptimizers = () => {};
