// The Python environments of the peers of the program `drift`, which `node tools/drift/setup.mjs` creates. Each peer has
// its own environment, because their versions of NumPy and pandas differ.
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../bench/environment.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** @param {string} name */
const environment = (name) =>
  environmentOf({
    folder: here(`../../node_modules/.cache/drift-${name}`),
    requirements: here(`requirements-${name}.txt`),
  });

/** The environments by peer. @type {Readonly<Record<string, ReturnType<typeof environmentOf>>>} */
export const PEERS = {
  'alibi-detect': environment('alibi-detect'),
  evidently: environment('evidently'),
  nannyml: environment('nannyml'),
};
