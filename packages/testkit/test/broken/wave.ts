import { defineBijector, type Bijector } from '@impflow/core';
import {
  add,
  concat,
  div,
  exp,
  mul,
  neg,
  slice,
  sin,
  sub,
  sum,
  tanh,
  tensor1d,
  variable,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * Returns the map `z_1 = e^a x_1, z_2 = x_2 exp(tanh(b x_1)) + sin(x_1)`: a correct bijector of two dimensions, with
 * its inverse.
 */
export const wave = (): Bijector => {
  const [a, b] = [variable(tensor1d([0.3])), variable(tensor1d([0.7]))];
  const column = (x: Tensor, i: number): Tensor => slice(x, [0, i], [x.shape[0]!, 1]);
  const rate = (first: Tensor): Tensor => tanh(mul(b, first));
  const logDet = (first: Tensor): Tensor => sum(add(a, rate(first)), 1);
  return defineBijector({
    name: 'wave',
    shape: [2],
    parameters: { a, b },
    forwardWithLogDet: (x) => {
      const [first, second] = [column(x, 0), column(x, 1)];
      return {
        value: concat([mul(exp(a), first), add(mul(second, exp(rate(first))), sin(first))], 1),
        logDet: logDet(first),
      };
    },
    inverseWithLogDet: (z) => {
      const first = div(column(z, 0), exp(a));
      return {
        value: concat([first, div(sub(column(z, 1), sin(first)), exp(rate(first)))], 1),
        logDet: neg(logDet(first)),
      };
    },
  });
};
