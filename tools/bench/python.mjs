// Finds the Python environment with PyTorch and JAX. `npm run setup:rivals` creates this environment with the versions
// in rivals.txt.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './environment.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const rivals = environmentOf({
  folder: here('../../node_modules/.cache/rivals'),
  requirements: here('rivals.txt'),
});
const { command, ready } = rivals;

/** @typedef {{ command: string; versions: { pytorch: string; jax: string } }} Python */

/**
 * Returns the Python with PyTorch and JAX; undefined if the environment is missing or its versions differ from
 * rivals.txt.
 *
 * @returns {Python | undefined}
 */
export const findRivals = () => {
  if (!ready()) return undefined;
  const { status, stdout } = spawnSync(
    command,
    ['-c', 'from importlib.metadata import version; print(version("torch"), version("jax"))'],
    { encoding: 'utf8' },
  );
  if (status !== 0) return undefined;
  const [pytorch, jax] = stdout.trim().split(' ');
  return { command, versions: { pytorch, jax } };
};

export const HOW_TO_INSTALL =
  'PyTorch and JAX are not set up, so their times are not measured. Run: npm run setup:rivals';

/**
 * Returns the `{ command }` of a Python with any version of PyTorch. The environment of `npm run setup:rivals` is tried
 * first.
 *
 * @returns {{ command: string } | undefined}
 */
export const findPython = () => {
  for (const each of [command, 'python3', '/usr/bin/python3', 'python']) {
    if (spawnSync(each, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0) return { command: each };
  }
  return undefined;
};

/**
 * Returns the environment variables for a program of PyTorch or JAX. Variables that force kernels for matrix products
 * are removed, so that the libraries choose kernels for the processor.
 *
 * @param {number} threads
 * @returns {NodeJS.ProcessEnv}
 */
export const peerEnvironment = (threads) => {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _size, XLA_FLAGS: _flags, ...rest } = process.env;
  return { ...rest, OMP_NUM_THREADS: String(threads) };
};
