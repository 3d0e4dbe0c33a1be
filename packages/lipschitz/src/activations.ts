import { registry, type Registry } from '@impflow/core';
import { celu, elu } from './exponential-linear.ts';
import { lipSwish } from './lip-swish.ts';
import { identity, leakyRelu, relu } from './rectifiers.ts';
import { sin, snake } from './sine.ts';
import { lipschitzCube, softplus, tanh } from './smooth.ts';
import { fullSort, maxMin } from './sorting.ts';

/** All activations by name, as factories of layers. */
export const activations: Registry<{
  readonly sin: typeof sin;
  readonly snake: typeof snake;
  readonly lipSwish: typeof lipSwish;
  readonly elu: typeof elu;
  readonly celu: typeof celu;
  readonly tanh: typeof tanh;
  readonly softplus: typeof softplus;
  readonly relu: typeof relu;
  readonly leakyRelu: typeof leakyRelu;
  readonly maxMin: typeof maxMin;
  readonly fullSort: typeof fullSort;
  readonly lipschitzCube: typeof lipschitzCube;
  readonly identity: typeof identity;
}> = registry(
  'activation',
  { sin, snake, lipSwish, elu, celu, tanh, softplus, relu, leakyRelu, maxMin, fullSort, lipschitzCube, identity },
  ['value', 'trace', 'jvp', 'vjp', 'pullback'],
);
