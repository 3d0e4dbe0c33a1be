import { fileURLToPath } from 'node:url';

/**
 * The folder of packages that tools/native has made: tfjs-node with its library, and tfjs-node-gpu without its library.
 */
export const packages: string = fileURLToPath(
  new URL('../../../../node_modules/.cache/impflow-native/node_modules', import.meta.url),
);
