// For tests: the paths at which tools/tensorflow/setup.mjs installs tfjs-node, and whether the installation is complete
// and up to date.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const cache = here('../../node_modules/.cache/impflow-tensorflow');
/**
 * The tfjs-core of the workspace. tfjs-node must use it, because two instances of tfjs-core in one process do not share
 * tensors.
 */
export const core = here('../../packages/core/node_modules/@tensorflow/tfjs-core');
/** The path from which @impflow/backend-cuda resolves the package. */
export const link = here('../../packages/backend-cuda/node_modules/@tensorflow/tfjs-node');
/**
 * @param {string} folder
 * @param {string} name
 */
export const scoped = (folder, name) => join(folder, 'node_modules/@tensorflow', name);

/**
 * Version of Node-API in the path at which tfjs-node looks for its addon. tfjs-node supports Node-API up to version 8,
 * which every Node of this workspace has.
 */
export const NAPI = 8;
/** @param {string} folder */
export const addon = (folder) => join(scoped(folder, 'tfjs-node'), `lib/napi-v${NAPI}/tfjs_binding.node`);

export const files = ['package.json', 'package-lock.json', 'requirements.txt'].map((name) => here(name));

/** Returns the stamp of a finished folder: a hash of the files from which it is made and of the kind of machine. */
export const wanted = () =>
  files
    .reduce(
      (hash, file) => hash.update(readFileSync(file)),
      createHash('sha256').update(`${process.platform} ${process.arch}`),
    )
    .digest('hex');
/** @param {string} folder */
export const stamp = (folder) => join(folder, 'stamp');

/** Returns whether the installation is complete. The links to the installation are not checked. */
export const built = () =>
  existsSync(stamp(cache)) && readFileSync(stamp(cache), 'utf8') === wanted() && existsSync(addon(cache));

/**
 * Returns the reason why tfjs-node cannot run on this version of Node, even if it is set up; undefined if it can.
 *
 * @returns {string | undefined}
 */
export const tooNew = () => {
  const [major] = process.versions.node.split('.').map(Number);
  return major > 22 ? `tfjs-node runs on Node 22 at most, and this is ${process.versions.node}.` : undefined;
};

/**
 * Returns the reason why tfjs-node does not run on this machine; undefined if it runs.
 *
 * @returns {string | undefined}
 */
export const whyNotTensorFlow = () => {
  if (tooNew()) return tooNew();
  const linked = existsSync(link) && built() && realpathSync(link) === realpathSync(scoped(cache, 'tfjs-node'));
  return linked ? undefined : 'TensorFlow is not set up. Run: npm run setup:tensorflow';
};
