import {
  customOps,
  disposingOnThrow,
  fold,
  recording,
  weighed,
  type Context,
  type Contraction,
  type Estimate,
  type Pair,
  type Transformed,
} from '@impflow/core';
import { add, neg, sub, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { BlockMethods } from './block-options.ts';
import { assertCondition } from './condition.ts';
import { recall, recalled } from './recall.ts';
import { rootOf } from './root.ts';

/** A net of a block. */
export interface BlockNet {
  /** The contraction `g`. */
  readonly net: Contraction;
  /**
   * Number that is mixed into the random key. Nets of one block have different numbers, so that their random probe
   * vectors are independent.
   */
  readonly purpose: number;
}

/** The equation `z + g_outer(z) = x + g_inner(x)` that {@link blockOp} solves, and how to solve it. */
export interface BlockEquation {
  /** The net `g` of the residual map `h = x + g(x)`. If `inner` is missing, `h = x`. */
  readonly inner?: BlockNet;
  /** The net `g` of the equation `z + g(z) = h`. If `outer` is missing, `z = h` and no equation is solved. */
  readonly outer?: BlockNet;
  /** Direction in which the block is evaluated. The report of the solve contains this value in its field `phase`. */
  readonly phase: 'forward' | 'inverse';
  /** Solvers and estimators that {@link blockMethods} returned. */
  readonly methods: BlockMethods;
}

/**
 * Evaluates a block, in either direction, as one differentiable operation. Returns the root `z` of
 * `z + g_b(z) = x + g_a(x)`, shaped as `x`, and `log det(I + J_a(x)) - log det(I + J_b(z))`, `[B]`. Here `g_a` is
 * `inner` and `g_b` is `outer`.
 *
 * Backward pass, for cotangents `dz` and `dl`, with `A` and `B` as the `pair` fields of the two estimates:
 * `p = d <-dl, B>` at `z`; `w` solves `(I + J_b)^T w = dz + p_z`; `q = -d <w, g_b>` at `z`;
 * `r = d (<w, g_a> + <dl, A>)` at `x`. Then `dx = w + r_x`, the weights of `g_a` get `r`, and the weights of `g_b` get
 * `p + q`. In the code, `a` and `b` are the linearizations of `g_a` at `x` and of `g_b` at `z`.
 *
 * @remarks Forward: one pass through `g_a`, one solve, two estimates. Backward: one adjoint solve and three pullbacks.
 * Memory does not grow with the number of solver steps. Outside a gradient computation, no tensors are kept for the
 * backward pass.
 * @throws `option` if a net needs a condition that is missing; `shape` if a condition has the wrong shape; the errors
 * of the solver.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), equations 3 to 9.
 */
export const blockOp = (
  x: Tensor,
  context: Context,
  { inner, outer, phase, methods }: BlockEquation,
  withLogDet: boolean,
): Transformed => {
  const tracked = recording();
  const wanted = tracked || withLogDet;
  const { net: innerNet, purpose: innerPurpose = 0 } = inner ?? {};
  const { net: outerNet, purpose: outerPurpose = 0 } = outer ?? {};
  const conditionSize = innerNet?.conditionSize ?? outerNet?.conditionSize;
  const condition =
    conditionSize === undefined ? undefined : assertCondition('blockOp', context.condition, conditionSize, x.shape[0]!);
  const estimator = context.train === true ? methods.logDet.train : methods.logDet.evaluate;
  const exact = withLogDet && estimator.bias === 'exact';
  const adjoint = exact ? methods.adjoint.exact : methods.adjoint.other;

  const [value, logDet] = customOps(
    [x, ...(condition === undefined ? [] : [condition]), ...variables(innerNet), ...variables(outerNet)],
    {
      forward: () =>
        disposingOnThrow((opened) => {
          const a = wanted ? innerNet && opened(innerNet.linearize(x, { condition, tracked })) : undefined;
          const h = innerNet === undefined ? x : add(x, a?.value ?? innerNet.apply(x, condition));
          const { z, g: b } =
            outerNet === undefined
              ? { z: h, g: undefined }
              : rootOf(outerNet, h, methods, { phase, context, condition, wanted, tracked, exact });
          if (b !== undefined) opened(b);
          const [A, B] = [[a, innerPurpose] as const, [b, outerPurpose] as const].map(
            ([g, purpose]): Estimate | undefined =>
              withLogDet ? g && estimator.estimate(g, fold(context.key, purpose)) : undefined,
          );
          return {
            values: [
              z.clone(),
              A && B ? sub(A.logDet, B.logDet) : (A?.logDet.clone() ?? (B ? neg(B.logDet) : zeros([x.shape[0]!]))),
            ],
            saved: {
              a: a && recall(a, x, condition, pairsOf(A), methods),
              b: b && recall(b, z, condition, pairsOf(B), methods),
            },
          };
        }),
      backward: ([dz, dl], { a, b }) => {
        const root =
          b &&
          recalled(b, outerNet!, (g, [pair]) => {
            const p = pair && g.pullback({ pair: weighed(pair, neg(dl!)) });
            const { value: w } = adjoint.solve(g, p === undefined ? dz! : add(dz!, p.x), (end) =>
              context.report?.({ at: '', phase: 'adjoint', ...end }),
            );
            const q = g.pullback({ value: neg(w), onto: p?.weights });
            return { w, weights: outerNet!.trained(q.weights), conditions: [p?.condition, q.condition] };
          });
        const w = root?.w ?? dz!;
        const r =
          a && recalled(a, innerNet!, (g, [pair]) => g.pullback({ value: w, pair: pair && weighed(pair, dl!) }));
        const conditions = [...(root?.conditions ?? []), r?.condition].filter((gradient) => gradient !== undefined);
        return [
          r === undefined ? w : add(w, r.x),
          ...(condition === undefined ? [] : [conditions.reduce((sum, next) => add(sum, next))]),
          ...(r === undefined ? [] : innerNet!.trained(r.weights)),
          ...(root?.weights ?? []),
        ];
      },
    },
  );
  return { value: value!, logDet: logDet! };
};

const variables = (net: Contraction | undefined): readonly Tensor[] => Object.values(net?.parameters ?? {});

const pairsOf = (estimate: Estimate | undefined): readonly Pair[] =>
  estimate?.pair === undefined ? [] : [estimate.pair];
