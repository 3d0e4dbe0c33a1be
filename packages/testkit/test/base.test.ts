import { cpu } from '@impflow/backend-cpu';
import { key, normals, scoped } from '@impflow/core';
import {
  mixtureBase,
  normalBase,
  studentTBase,
  uniformBase,
  type BaseDistribution,
  type MixtureCovariance,
} from '@impflow/flows';
import { testBase } from '@impflow/testkit';
import { tensor } from '@tensorflow/tfjs-core';

/** Returns a mixture whose components have different weights, widths and centers. */
const uneven = (dim: number, covariance: MixtureCovariance): BaseDistribution => {
  const base = mixtureBase({ dim, components: 3, covariance, key: key(1) });
  const own = covariance === 'tied' ? 1 : 3;
  scoped(() => {
    base.parameters['logScale']!.assign(
      tensor(
        Float32Array.from(normals(key(2), own * dim), (z) => 0.3 * z),
        [own, dim],
      ),
    );
    base.parameters['lower']?.assign(
      tensor(
        Float32Array.from(normals(key(3), own * dim * dim), (z) => 0.7 * z),
        [own, dim, dim],
      ),
    );
    base.parameters['logits']!.assign(tensor([0.5, -1, 0.8]));
  });
  return base;
};

testBase({ name: 'normal', base: (dim) => normalBase({ dim }), backends: [cpu()] });
testBase({ name: 'studentT', base: (dim) => studentTBase({ dim, dof: 10 }), backends: [cpu()] });
for (const covariance of ['diagonal', 'full', 'tied'] as const)
  testBase({ name: `mixture, ${covariance}`, base: (dim) => uneven(dim, covariance), backends: [cpu()] });
testBase({
  name: 'uniform',
  base: (dim) => uniformBase({ dim }),
  backends: [cpu()],
  except: {
    'gradients agree with finite differences':
      'the density is constant, and differences near the edge of the cube step outside',
    'has a density far from zero': 'the density is 0 outside the cube',
    'draws and density agree in twelve dimensions': 'the density jumps at the faces of the cube, and has no curvature',
  },
});
