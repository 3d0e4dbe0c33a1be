// `npm run setup:tables`: creates a virtual environment for the program `tables`, with PyTorch, sbi and scikit-learn in
// the versions of requirements.txt, and with the reference posteriors of sbibm. Does nothing if the environment is
// complete.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeEnvironment } from '../bench/environment.mjs';
import { SBIBM, tablesPython } from './python.mjs';

makeEnvironment(tablesPython, {
  // `minor` is 11, because the version of SciPy in requirements.txt needs Python 3.11.
  name: 'tables',
  minor: 11,
  installing:
    'PyTorch, sbi and scikit-learn: gigabytes, since a PyTorch for Linux brings the libraries of graphics cards',
  space: 'some 6 GB',
  check: 'import torch, sbi.inference, sklearn.mixture, scipy, numpy',
});
if (!existsSync(join(SBIBM.folder, 'sbibm'))) {
  console.error('[tables] installing the reference posteriors of sbibm');
  const { status, stderr } = spawnSync(
    tablesPython.command,
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--target',
      SBIBM.folder,
      `sbibm==${SBIBM.version}`,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    console.error(`${stderr}\n[tables] installing sbibm: failed. It needs a Python package index.`);
    process.exit(1);
  }
}
console.error('[tables] PyTorch, sbi and scikit-learn are ready for npm run measure -- tables.');
