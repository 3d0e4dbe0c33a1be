// The kinds of plugins that can be generated. A kind has a folder, dependencies, names that are already taken, and one
// function that the author of the plugin fills in.
/** @param {string} path */
const built = (path) => import(new URL(`../../${path}`, import.meta.url).href);
const flows = 'packages/flows/dist/index.js';
/**
 * Returns a function that returns the names in a registry of @impflow/flows.
 *
 * @param {string} registry
 * @returns {() => Promise<readonly string[]>}
 */
const registered = (registry) => async () => (await built(flows)).builtInRegistries[registry].names;

const LAWS = ['backend-cpu', 'backend-wasm', 'testkit'];

/**
 * @typedef {object} Kind
 * @property {string} folder First part of the name of the package.
 * @property {string} noun The kind in words.
 * @property {string} fills Name of the function that the author fills in.
 * @property {() => Promise<readonly string[]>} taken
 * @property {readonly string[]} dependencies Packages of this workspace.
 * @property {readonly string[]} development Packages of this workspace.
 * @property {string} trained Option of the command line that selects the plugin.
 */

/** @type {Readonly<Record<string, Kind>>} */
export const KINDS = {
  solver: {
    folder: 'solver',
    noun: 'root solver',
    fills: 'advance',
    taken: registered('solver'),
    dependencies: ['core'],
    development: [...LAWS, 'lipschitz', 'solvers'],
    trained: '--solver',
  },
  adjoint: {
    folder: 'adjoint',
    noun: 'adjoint solver',
    fills: 'advance',
    taken: registered('adjoint'),
    dependencies: ['core', 'solvers'],
    development: [...LAWS, 'lipschitz'],
    trained: '--adjoint',
  },
  estimator: {
    folder: 'logdet',
    noun: 'log-determinant estimator',
    fills: 'estimate',
    taken: registered('logDet'),
    dependencies: ['core', 'logdet'],
    development: [...LAWS, 'lipschitz'],
    trained: '--logdet',
  },
  activation: {
    folder: 'activation',
    noun: 'activation',
    fills: 'derivatives',
    taken: registered('activation'),
    dependencies: ['core', 'lipschitz'],
    development: LAWS,
    trained: '--activation',
  },
  bijector: {
    folder: 'bijector',
    noun: 'bijector',
    fills: 'directions',
    taken: registered('block'),
    dependencies: ['core', 'flows'],
    development: LAWS,
    trained: '--model',
  },
  base: {
    folder: 'base',
    noun: 'base density',
    fills: 'density',
    taken: registered('base'),
    dependencies: ['core', 'flows'],
    development: LAWS,
    trained: '--base',
  },
  backend: {
    folder: 'backend',
    noun: 'backend',
    fills: 'load',
    taken: async () => (await built('apps/trainer/dist/adapters/backends.js')).backends.names,
    dependencies: ['core'],
    development: ['backend-cpu', 'testkit'],
    trained: '--backend',
  },
  data: {
    folder: 'data',
    noun: 'data set',
    fills: 'definition',
    taken: async () => (await built('apps/trainer/dist/dataset/source.js')).dataNames(),
    dependencies: ['core', 'tables'],
    development: ['testkit'],
    trained: '--data',
  },
};
