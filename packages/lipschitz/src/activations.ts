import { registry, type Registry } from '@impflow/core';
import { celu, eluActivation } from './exponential-linear.ts';
import { lipSwish } from './lip-swish.ts';
import { identityActivation, leakyReluActivation, reluActivation } from './rectifiers.ts';
import { sinActivation, snake } from './sine.ts';
import { lipschitzCube, softplusActivation, tanhActivation } from './smooth.ts';
import { fullSort, maxMin } from './sorting.ts';

/** All activations by name, as factories of layers. */
export const activations: Registry<{
  readonly sin: typeof sinActivation;
  readonly snake: typeof snake;
  readonly lipSwish: typeof lipSwish;
  readonly elu: typeof eluActivation;
  readonly celu: typeof celu;
  readonly tanh: typeof tanhActivation;
  readonly softplus: typeof softplusActivation;
  readonly relu: typeof reluActivation;
  readonly leakyRelu: typeof leakyReluActivation;
  readonly maxMin: typeof maxMin;
  readonly fullSort: typeof fullSort;
  readonly lipschitzCube: typeof lipschitzCube;
  readonly identity: typeof identityActivation;
}> = registry(
  'activation',
  { sin: sinActivation, snake, lipSwish, elu: eluActivation, celu, tanh: tanhActivation, softplus: softplusActivation, relu: reluActivation, leakyRelu: leakyReluActivation, maxMin, fullSort, lipschitzCube, identity: identityActivation },
  ['value', 'trace', 'jvp', 'vjp', 'pullback'],
);
