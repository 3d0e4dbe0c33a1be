// The virtual Python environment of the study, which `npm run setup:study` creates with the versions of
// requirements.txt.
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../bench/environment.mjs';
import { peerEnvironment } from '../bench/python.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const studyPython = environmentOf({
  folder: here('../../node_modules/.cache/study-python'),
  requirements: here('requirements.txt'),
});

/** Returns environment variables that limit all libraries of Python to one thread. */
export const oneThread = () => ({
  ...peerEnvironment(1),
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  NUMBA_NUM_THREADS: '1',
});
