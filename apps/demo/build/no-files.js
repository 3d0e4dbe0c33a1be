// Replaces the parts of `@tensorflow/tfjs-core` that store models (`tf.io`). The page stores models as checkpoints of
// `@impflow/training`.

const Nothing = class {
  static URL_SCHEME = '';
};

export { Nothing as BrowserIndexedDB, Nothing as BrowserIndexedDBManager };
export { Nothing as BrowserLocalStorage, Nothing as BrowserLocalStorageManager };
/** TensorFlow.js registers its stores here when its script is loaded. */
export const ModelStoreManagerRegistry = { registerManager: () => {} };
