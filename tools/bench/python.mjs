// The Python environment of the rivals, which `npm run setup:rivals` creates with the versions of rivals.txt.
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
 * The Python of the rivals; undefined if the environment is missing or has other versions than rivals.txt.
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
  'The rivals are not set up: rows against PyTorch and JAX are left open. Run: npm run setup:rivals';

/**
 * `{ command }` of a Python with any version of PyTorch. The environment of the rivals is tried first.
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
 * Environment variables of a rival: its matrix products choose their kernels by the processor.
 *
 * @param {number} threads
 * @returns {NodeJS.ProcessEnv}
 */
export const peerEnvironment = (threads) => {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _size, XLA_FLAGS: _flags, ...rest } = process.env;
  return { ...rest, OMP_NUM_THREADS: String(threads) };
};
