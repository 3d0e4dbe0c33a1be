import { cpu } from '@impflow/backend-cpu';
import { key, normals, scoped } from '@impflow/core';
import { mixture, normal, studentT, uniform, type BaseDistribution } from '@impflow/flows';
import { testBase } from '@impflow/testkit';
import { tensor } from '@tensorflow/tfjs-core';

/** A mixture whose weights, widths and centres all differ. */
const uneven = (dim: number): BaseDistribution => {
  const base = mixture({ dim, components: 3, key: key(1) });
  scoped(() => {
    base.parameters['logScale']!.assign(tensor(Float32Array.from(normals(key(2), 3 * dim), (z) => 0.3 * z), [3, dim]));
    base.parameters['logits']!.assign(tensor([0.5, -1, 0.8]));
  });
  return base;
};

testBase({ name: 'normal', base: (dim) => normal({ dim }), backends: [cpu()] });
testBase({ name: 'studentT', base: (dim) => studentT({ dim, dof: 10 }), backends: [cpu()] });
testBase({ name: 'mixture', base: uneven, backends: [cpu()] });
testBase({
  name: 'uniform', base: (dim) => uniform({ dim }), backends: [cpu()],
  except: { 'gradients are those of differences': 'the density is constant: a point near the edge of the cube steps out of it' },
});
