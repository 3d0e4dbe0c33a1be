// `npm run setup:rivals`: creates a virtual environment with PyTorch and JAX in the versions of rivals.txt, for the
// program `bench`. Does nothing if the environment is complete.
import { makeEnvironment } from './environment.mjs';
import { findRivals, rivals } from './python.mjs';

makeEnvironment(rivals, {
  // `minor` is 11, because the version of JAX in rivals.txt needs Python 3.11.
  name: 'rivals',
  minor: 11,
  installing: 'PyTorch and JAX: gigabytes, since a PyTorch for Linux brings the libraries of graphics cards',
  space: 'some 6 GB',
  check:
    'import torch, jax, optax, numpy; assert float(torch.ones(2) @ torch.ones(2)) == float(jax.numpy.ones(2) @ jax.numpy.ones(2)) == 2',
});
const found = findRivals();
if (found === undefined) {
  console.error('[rivals] The environment is complete, and its Python does not run.');
  process.exit(1);
}
console.error(
  `[rivals] PyTorch ${found.versions.pytorch} and JAX ${found.versions.jax} are ready for npm run measure -- bench.`,
);
