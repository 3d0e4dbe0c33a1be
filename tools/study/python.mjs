// The Python of the study: an environment that `npm run setup:study` makes, with the versions of requirements.txt.
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../bench/environment.mjs';
import { peerEnvironment } from '../bench/python.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const studyPython = environmentOf({
  folder: here('../../node_modules/.cache/study-python'),
  requirements: here('requirements.txt'),
});

/** One thread for every library that starts threads. */
export const oneThread = () => ({
  ...peerEnvironment(1),
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  NUMBA_NUM_THREADS: '1',
});
