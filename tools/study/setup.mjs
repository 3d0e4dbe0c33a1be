// `npm run setup:study`: creates a virtual environment with the contenders of the program `study`, in the versions of
// requirements.txt. Does nothing if it is complete.
import { makeEnvironment } from '../bench/environment.mjs';
import { studyPython } from './python.mjs';

makeEnvironment(studyPython, {
  // SciPy of requirements.txt needs it.
  name: 'study',
  minor: 11,
  installing:
    'PyTorch, zuko, scikit-learn and PyOD: gigabytes, since a PyTorch for Linux brings the libraries of graphics cards',
  space: 'some 6 GB',
  check:
    'import torch, zuko, pandas, h5py, sklearn.mixture, scipy, numpy, pyod.models.knn; assert zuko.flows.NSF(2)().log_prob(torch.zeros(1, 2)).isfinite().all()',
});
console.error('[study] The contenders are ready for npm run measure -- study.');
