// `npm run setup:study`: creates a virtual environment with the contenders of the program `study`, in the versions of
// requirements.txt, and writes the large tables. If the environment and the tables exist already, the command changes
// nothing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeEnvironment } from '../bench/environment.mjs';
import { TABLES } from './places.mjs';
import { studyPython } from './python.mjs';

makeEnvironment(studyPython, {
  // The version of SciPy in requirements.txt needs this version of Python.
  name: 'study',
  minor: 11,
  installing:
    'PyTorch, zuko, JAX, flowjax, pyvinecopulib, arfpy, scikit-learn and PyOD: gigabytes, since a PyTorch for Linux brings the libraries of graphics cards',
  space: 'some 7 GB',
  check:
    'import torch, zuko, flowjax.flows, pyvinecopulib, arfpy.arf, pandas, h5py, sklearn.mixture, scipy, numpy, pyod.models.knn, pyreadr, PIL; assert zuko.flows.NSF(2)().log_prob(torch.zeros(1, 2)).isfinite().all()',
});
const large = spawnSync(studyPython.command, [fileURLToPath(new URL('large_tables.py', import.meta.url)), TABLES], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (large.status !== 0)
  console.error(
    '[study] The large tables could not be made, and will not be measured: their packages need the network.',
  );
console.error('[study] The contenders are ready for npm run measure -- study.');
