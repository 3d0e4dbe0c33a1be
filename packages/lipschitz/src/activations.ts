import { registry, type Registry } from '@impflow/core';
import { celu, eluActivation } from './exponential-linear.ts';
import type { Layer } from './layer.ts';
import { lipSwish } from './lip-swish.ts';
import { pila } from './pila.ts';
import { identityActivation, leakyReluActivation, reluActivation } from './rectifiers.ts';
import { sinActivation, snake } from './sine.ts';
import { lipschitzCube, softplusActivation, tanhActivation } from './smooth.ts';
import { fullSort, maxMin } from './sorting.ts';

/** All activations by name, as factories of layers. */
export const activations: Registry<Layer> = registry<Layer>(
  'activation',
  {
    sin: sinActivation,
    snake,
    lipSwish,
    elu: eluActivation,
    celu,
    tanh: tanhActivation,
    softplus: softplusActivation,
    relu: reluActivation,
    leakyRelu: leakyReluActivation,
    maxMin,
    fullSort,
    lipschitzCube,
    pila,
    identity: identityActivation,
  },
  ['value', 'trace', 'jvp', 'vjp', 'pullback'],
);
