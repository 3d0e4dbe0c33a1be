// Replaces the parts of `@tensorflow/tfjs-core` that store models (`tf.io`). The page stores models as checkpoints of
// `@impflow/training`.

/** Constructor of the stores that TensorFlow.js registers when its script is loaded. */
function Nothing() {}

export { Nothing as BrowserIndexedDB, Nothing as BrowserIndexedDBManager };
export { Nothing as BrowserLocalStorage, Nothing as BrowserLocalStorageManager };
export const ModelStoreManagerRegistry = { registerManager: () => {} };
