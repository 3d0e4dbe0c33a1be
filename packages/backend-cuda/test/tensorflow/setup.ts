import { fileURLToPath } from 'node:url';

/**
 * Folder of the packages that tools/tensorflow installs: tfjs-node with its library, and tfjs-node-gpu without its library.
 */
export const packages: string = fileURLToPath(
  new URL('../../../../node_modules/.cache/impflow-tensorflow/node_modules', import.meta.url),
);
