import {
  customOps,
  defineBijector,
  disposingOnThrow,
  fold,
  opposite,
  recording,
  weighed,
  type Bijector,
  type Context,
  type Contraction,
  type Estimate,
  type Pair,
  type Transformed,
} from '@impflow/core';
import { add, mul, neg, sub, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { blockMethods, type BlockMethods, type BlockOptions } from './block-options.ts';
import { prefixed } from './chain.ts';
import { assertCondition } from './condition.ts';
import { recall, recalled } from './recall.ts';
import { rootOf } from './root.ts';

/** Options of {@link monotoneBlock}. */
export interface MonotoneBlockOptions extends BlockOptions {
  /** The contraction. */
  readonly g: Contraction;
}

/**
 * The bijector `x -> y` with `x = (w + g(w)) / 2` and `y = (w - g(w)) / 2`; `x` and `y` are `[B, ...event]`. The map is
 * the strongly monotone operator `F` whose Cayley operator `2 (I + F)^-1 - I` is the contraction `g`.
 *
 * `log |det dy/dx| = log det(I - J_g(w)) - log det(I + J_g(w))`. With `L = Lip(g)`, the slopes of the map lie in
 * `[(1 - L) / (1 + L), (1 + L) / (1 - L)]`; the slopes of a residual block lie in `[1 - L, 1 + L]`.
 *
 * @remarks Forward solves `w + g(w) = 2 x`, and inverse solves `w - g(w) = 2 y`. The log-determinant costs two
 * estimates at `w`, which share the forward pass and the key. Therefore the even terms of the power series cancel,
 * including their noise.
 * @throws `input` if a solver, adjoint solver or estimator lacks a required method.
 * @see Ahn, Kim, Hong, Kim, Invertible Monotone Operators for Normalizing Flows, NeurIPS 2022 (arXiv:2210.08176).
 */
export const monotoneBlock = (options: MonotoneBlockOptions): Bijector => {
  const { g } = options;
  const methods = blockMethods(g.shape, options);
  // The inverse is the block with `-g` in place of `g`.
  const minus: Contraction = {
    ...g,
    apply: (x, condition) => neg(g.apply(x, condition)),
    linearize: (x, at) => opposite(g.linearize(x, at)),
  };
  return defineBijector({
    name: 'monotoneBlock',
    shape: g.shape,
    parameters: prefixed({ g }, (net) => net.parameters),
    buffers: prefixed({ g }, (net) => net.buffers),
    forward: (x, context) => mapped(g, x, 'forward', context, methods, false).value,
    inverse: (y, context) => mapped(minus, y, 'inverse', context, methods, false).value,
    forwardWithLogDet: (x, context) => mapped(g, x, 'forward', context, methods, true),
    inverseWithLogDet: (y, context) => mapped(minus, y, 'inverse', context, methods, true),
    refresh: (refreshing) => g.refresh(refreshing),
  });
};

/**
 * Returns `y = w - x` at the root `w` of `w + g(w) = 2 x`, and `log det(I - J) - log det(I + J)` at `w`.
 *
 * Backward pass, for the cotangents `dy` and `dl`, with `A` and `B` as the `pair` fields of the estimates for `-g` and
 * `g`: `p = d (<dl, A> - <dl, B>)` at `w`; `u` solves `(I + J)^T u = dy + p_w`; then `dx = 2 u - dy`, and the weights
 * get `p - d <u, g>`. The cotangents of `A` belong to `-J`, so a pullback of `g` takes them with the opposite sign.
 */
const mapped = (
  g: Contraction,
  x: Tensor,
  phase: 'forward' | 'inverse',
  context: Context,
  methods: BlockMethods,
  withLogDet: boolean,
): Transformed => {
  const tracked = recording();
  const condition =
    g.conditionSize === undefined
      ? undefined
      : assertCondition('monotoneBlock', context.condition, g.conditionSize, x.shape[0]!);
  const estimator = context.train === true ? methods.logDet.train : methods.logDet.evaluate;
  const exact = withLogDet && estimator.bias === 'exact';
  const adjoint = exact ? methods.adjoint.exact : methods.adjoint.other;
  const [value, logDet] = customOps(
    [x, ...(condition === undefined ? [] : [condition]), ...Object.values(g.parameters)],
    {
      forward: () =>
        disposingOnThrow((opened) => {
          const { z: w, g: found } = rootOf(g, mul(x, 2), methods, {
            phase,
            context,
            condition,
            wanted: tracked || withLogDet,
            tracked,
            exact,
          });
          const at = found && opened(found);
          const against = at && opened(opposite(at));
          const [A, B] =
            at === undefined || !withLogDet
              ? []
              : [against!, at].map((net) => estimator.estimate(net, fold(context.key, 0)));
          const saved = at && recall(at, w, condition, pairsOf(A, B), methods);
          // With `memory: 'keep'`, the pairs contain tensors of `against`.
          if (methods.memory === 'budget') against?.dispose();
          return {
            values: [sub(w, x), A === undefined ? zeros([x.shape[0]!]) : sub(A.logDet, B!.logDet)],
            saved: { at: saved, against: methods.memory === 'keep' ? against : undefined },
          };
        }),
      backward: ([dy, dl], { at: saved }) =>
        recalled(saved!, g, (at, [a, b]) => {
          const first = a && at.pullback({ pair: weighed(a, neg(dl!)) });
          const second = b && at.pullback({ pair: weighed(b, neg(dl!)), onto: first?.weights });
          const rhs = [first, second].reduce((sum, p) => (p === undefined ? sum : add(sum, p.x)), dy!);
          const { value: u } = adjoint.solve(at, rhs, (end) => context.report?.({ at: '', phase: 'adjoint', ...end }));
          const q = at.pullback({ value: neg(u), onto: (second ?? first)?.weights });
          const conditions = [first, second, q].flatMap((gradient) => gradient?.condition ?? []);
          return [
            sub(mul(u, 2), dy!),
            ...(condition === undefined ? [] : [conditions.reduce((sum, next) => add(sum, next))]),
            ...g.trained(q.weights),
          ];
        }),
    },
  );
  return { value: value!, logDet: logDet! };
};

/**
 * Returns the pairs whose sum is the gradient of both log-determinants. The exact estimates have the same tangents, the
 * unit tangents. One pair with the sum of their cotangents then saves a pullback.
 */
const pairsOf = (A: Estimate | undefined, B: Estimate | undefined): readonly Pair[] => {
  const [a, b] = [A?.pair, B?.pair];
  if (a === undefined || b === undefined) return [];
  return a.pushed.tangents === b.pushed.tangents
    ? [{ pushed: b.pushed, cotangents: add(a.cotangents, b.cotangents) }]
    : [a, b];
};
