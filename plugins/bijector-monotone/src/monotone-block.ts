import { defineBijector, sizeOf, type Bijector, type Context, type Contraction, type Transformed } from '@impflow/core';
import { estimateLogDet, estimatorFor, invertResidual, invertResidualWith, prefixed, type BlockOptions, type Net } from '@impflow/flows';
import { mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import { negated, negatedContraction } from './negated.ts';

export interface MonotoneBlockOptions extends BlockOptions {
  readonly g: Net;
}

/**
 * The map `x -> y` with `x = (w + g(w)) / 2` and `y = (w - g(w)) / 2`: the strongly monotone operator whose Cayley operator `2 (I + F)^-1 - I` is the contraction `g`.
 *
 * `log |det dy/dx| = log det(I - J_g(w)) - log det(I + J_g(w))`. With `L = Lip(g)`, stretches lie in `[(1 - L) / (1 + L), (1 + L) / (1 - L)]`; those of a residual
 * block, in `[1 - L, 1 + L]`.
 *
 * @remarks Forward and inverse cost one solve each, `w + g(w) = 2 x` and `w - g(w) = 2 y`, and the log-determinant two estimates at `w`, which share the forward pass
 * and the key: of a power series the even terms cancel, noise and all.
 * @see Ahn, Kim, Hong, Kim, Invertible Monotone Operators for Normalizing Flows, NeurIPS 2022 (arXiv:2210.08176).
 */
export const monotoneBlock = (options: MonotoneBlockOptions): Bijector => {
  const { g } = options;
  const minus = negated(g);
  const exact = (context: Context): boolean => estimatorFor(sizeOf(g.shape), options, context).bias === 'exact';

  // Both directions are one map: that of `g`, and that of `-g`.
  const mapped = (net: Net, x: Tensor, phase: 'forward' | 'inverse', context: Context): Tensor => sub(invertResidual(net, mul(x, 2), phase, options, context), x);
  const mappedWithLogDet = (net: Net, x: Tensor, phase: 'forward' | 'inverse', context: Context): Transformed =>
    invertResidualWith(net, mul(x, 2), phase, options, context, {
      exact: exact(context),
      use: (w, there) => {
        // On a memory budget each estimate has a tape of its own, where what another tape holds is a constant.
        const at = exact(context) && options.memory !== 'budget' ? pushedOnce(there, w) : there;
        const logDet = (signed: Contraction): Tensor => estimateLogDet(net, w, options, context, 0, signed).logDet;
        return { value: sub(w, x), logDet: sub(logDet(negatedContraction(at)), logDet(at)) };
      },
    });

  return defineBijector({
    name: 'monotoneBlock',
    shape: g.shape,
    parameters: prefixed({ g }, (net) => net.parameters),
    buffers: prefixed({ g }, (net) => net.buffers),
    forward: (x, context) => mapped(g, x, 'forward', context),
    inverse: (y, context) => mapped(minus, y, 'inverse', context),
    forwardWithLogDet: (x, context) => mappedWithLogDet(g, x, 'forward', context),
    inverseWithLogDet: (y, context) => mappedWithLogDet(minus, y, 'inverse', context),
    refresh: (refreshing) => g.refresh(refreshing),
  });
};

/** `g` that has pushed the unit tangents forward at `point`: two exact log-determinants there share the work, and its gradient. */
const pushedOnce = (g: Contraction, point: Tensor): Contraction => {
  const { value, tangents: images } = g.pushforward(point);
  return Object.freeze<Contraction>({
    ...g,
    pushforward: (x, tangents) => tangents === undefined && x.dataId === point.dataId ? { value: value.clone(), tangents: images.clone() } : g.pushforward(x, tangents),
  });
};
