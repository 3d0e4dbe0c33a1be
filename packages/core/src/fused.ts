import { engine, getKernel, type NamedAttrMap, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { Slot } from './slot.ts';

/**
 * Kernels that do in one pass over memory what takes several operations of tfjs. A backend may have any of them, registered
 * with tfjs under these names; where it has not, the operations take their place. All are about float32 tensors; `K` counts
 * tangents, `B` samples, `n` and `m` features.
 */
export interface FusedKernels {
  /** `x W^T + b`; `transposed`: `x W`. `x [..., n]`, `weight [m, n]`, `bias [m]` -> `[..., m]` (`[..., m]` -> `[..., n]`). */
  readonly ImpflowLinear: Kernel<'x' | 'weight', 'bias', { readonly transposed: boolean }>;
  /**
   * The gradient of `<u, x W^T + b> + sum_k <w_k, t_k W^T>` with respect to `W [m, n]` and `b [m]`:
   * `u^T x + sum_k w_k^T t_k` and the sum of `u` over the batch. `u [B, m]`, `x [B, n]`, `cotangents [K, B, m]`, `tangents [K, B, n]`.
   */
  readonly ImpflowLinearGradient: Kernel<'u' | 'x', 'cotangents' | 'tangents', NoAttributes>;
  /**
   * The convolution of images with a filter of odd sides, stride 1 and zeros outside, plus a bias: `x [..., h, w, n]`, `weight [kh, kw, n, m]`,
   * `bias [m]` -> `[..., h, w, m]`; `transposed`: its adjoint, `x [..., h, w, m]` -> `[..., h, w, n]`, without a bias.
   */
  readonly ImpflowConv: Kernel<'x' | 'weight', 'bias', { readonly transposed: boolean }>;
  /**
   * The gradient of `<u, x * W + b> + sum_k <w_k, t_k * W>`, `*` as in `ImpflowConv`, with respect to `W [kh, kw, n, m]` and `b [m]`.
   * `u [B, h, w, m]`, `x [B, h, w, n]`, `cotangents [K, B, h, w, m]`, `tangents [K, B, h, w, n]`.
   */
  readonly ImpflowConvGradient: Kernel<'u' | 'x', 'cotangents' | 'tangents', { readonly size: readonly [number, number] }>;
  /** `s(a)` and `s'(a)`, each shaped as `a`, of an activation with fixed numbers in its formula. */
  readonly ImpflowActivation: Kernel<'a', never, { readonly activation: FusedActivation; readonly alpha: number }>;
  /** `s(a) = a sigmoid(b a) / 1.1` and `s'(a)`, each shaped as `a`; `b [1]`. */
  readonly ImpflowLipSwish: Kernel<'a' | 'b', never, NoAttributes>;
  /**
   * The gradient of `<u, s(a)> + sum_k <w_k, s'(a) t_k>` of `ImpflowLipSwish`, `slope` being `s'(a)`: with respect to `a`, to the tangents `[K, ..]` (absent without
   * tangents) and to `b [1]`. `tangents` and `cotangents`, `K` times as large as `a`, together or not at all.
   */
  readonly ImpflowLipSwishPullback: Kernel<'u' | 'a' | 'b' | 'slope', 'tangents' | 'cotangents', NoAttributes>;
  /** `t_k s'` for each `k`: `tangents [K, B, n]`, `slope [B, n]` -> `[K, B, n]`. */
  readonly ImpflowTangentProduct: Kernel<'tangents' | 'slope', never, NoAttributes>;
  /**
   * The gradient of `<u, s(a)> + sum_k <w_k, s'(a) t_k>`: with respect to `a`, `u s' + scale c sum_k t_k w_k`, where
   * `scale c` is `s''(a)`, `[B, n]`; and to the tangents, `w_k s'`, `[K, B, n]`.
   */
  readonly ImpflowTangentPullback: Kernel<'u' | 'slope' | 'curvature' | 'tangents' | 'cotangents', never, { readonly scale: number }>;
  /**
   * A whole net of dense layers with one activation between them, `n_0 -> n_1 -> .. -> n_L`: the value `[B, n_L]` at `x [B, n_0]`, and, where
   * `keep`, what the kernels below want to find again of it, in as many tensors as they like: their inputs `trace0`, `trace1`, ... Inputs `w0 .. w(L-1)`
   * are the (capped) weights `[n_(i+1), n_i]`, `b0 ..` the biases `[n_(i+1)]`.
   */
  readonly ImpflowNet: NetKernel<'x', never, { readonly keep: boolean }>;
  /**
   * Tangents `[K, B, n_0]` pushed through a net: what leaves it, `[K, B, n_L]`; and, where `keep`, what the pullback wants to find again of them
   * on their way: its inputs `entering0`, `entering1`, ... Inputs as above, no biases.
   */
  readonly ImpflowNetPush: NetKernel<'tangents', never, { readonly keep: boolean }>;
  /** Cotangents `[K, B, n_L]` pulled back through a net, `[K, B, n_0]`. Inputs as above, no biases. */
  readonly ImpflowNetPull: NetKernel<'cotangents', never>;
  /**
   * The gradient of `<u, g(x)> + sum_k <c_k, J(x) t_k>` of a net whose weights are caps of `v0 .. v(L-1)`, by the norms `sigma0 ..` with
   * slopes `d0 ..` as in `ImpflowCapGradient`: with respect to `x [B, n_0]`, to the tangents `[K, B, n_0]` (absent without tangents), and then
   * of each layer to its `v_i` and its bias. `x`, the trace, `u [B, n_L]`; `tangents`, what push kept and `cotangents [K, B, n_L]` together or not at all.
   */
  readonly ImpflowNetPullback: NetKernel<'x' | 'u', 'tangents' | 'cotangents', { readonly coeffs: readonly number[] }>;
  /**
   * Batched elimination without pivoting: `a [B, d, d]`, `rhs [B, d, k]` -> `A^-1 rhs [B, d, k]` and `log det A [B]`
   * (NaN where a pivot is not positive).
   */
  readonly ImpflowEliminate: Kernel<'a' | 'rhs', never, NoAttributes>;
  /**
   * `log det(I + J) [B]` and its gradient with respect to `tangents [d, B, d]`, the images of unit tangents: `tangents[k, b, i]` is
   * `J_ik` of sample `b`; the gradient's `[k, b, i]` is `((I + J)^-1)_ki`. NaN where a pivot is not positive. `d` at most 16.
   */
  readonly ImpflowLogDet: Kernel<'tangents', never, NoAttributes>;
  /**
   * `A^T u = rhs` for `a [B, d, d]`, `rhs [B, d]`, solved for the unit right-hand side without pivoting and refined once ->
   * `u [B, d]`, and of the unit system the residual norm `[B]` and `|u| [B]`. A zero `rhs` gives zeros. `d` at most 16.
   */
  readonly ImpflowTransposedSolve: Kernel<'a' | 'rhs', never, NoAttributes>;
  /**
   * Broyden's good update of the inverse Jacobian `H [B, d, d]` after a step `dy [B, d]` that changed the image by `dF [B, d]` to
   * `image [B, d]`: `H' = H + (dy - H dF) v^T / (v^T dF)`, `v^T = dy^T H`, and the next step `-H' image` -> `[H', step]`. A sample with
   * `|v^T dF| <= max(1e-6 |v| |dF|, 1e-30)` keeps its `H`.
   */
  readonly ImpflowBroyden: Kernel<'inverse' | 'dy' | 'dF' | 'image', never, NoAttributes>;
  /**
   * One step of Anderson acceleration: `y [B, d]` with its gap `g = f(y) - y`, the iterate before it with its own, and the differences
   * `values`, `gaps [B, k, d]` of those before, oldest first. The pair `(y - lastY, g - lastGap)` joins the differences, the oldest
   * beyond `memory` leave -> `[values', gaps', next]`, `next = y + damping g - (values' + damping gaps')^T c`, where
   * `(G + regularization I) c = r` with `G` the inner products of `gaps'` and `r` those with `g`, both divided by the trace of `G`
   * (`1e-30` at least).
   */
  readonly ImpflowAnderson: Kernel<'y' | 'gap' | 'lastY' | 'lastGap', 'values' | 'gaps', { readonly memory: number; readonly damping: number; readonly regularization: number }>;
  /**
   * What the driver of the solvers does with one more iterate: `active [B]` (bool), `value [B, n]` and `residual`, `latest`, `limit`
   * `[B]` of the progress so far, `nextValue`, `nextResidual` of the iterate -> `[value, residual, tolerance, latest, active]`:
   * `latest` is `nextResidual` where active; where active and `latest < residual` both it and `nextValue` are taken over;
   * `tolerance = atol + rtol |value|`; active is `residual > tolerance` and `latest < limit` (false for NaN).
   */
  readonly ImpflowProceed: Kernel<'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual', never, { readonly atol: number; readonly rtol: number }>;
  /** The Euclidean norm of each sample, `x [B, ...] -> [B]`. */
  readonly ImpflowSampleNorm: Kernel<'x', never, NoAttributes>;
  /** The sum of the squares of all numbers of any count of tensors, named `'0'`, `'1'`, ... -> `[]`. */
  readonly ImpflowSquaredNorm: { readonly inputs: Readonly<Record<string, Tensor>>; readonly attributes: NoAttributes };
  /**
   * `W [m, n]` capped: `W / max(1, sigma / c)` with `sigma = u^T W v`, `u [m]`, `v [n]` -> `[W_c [m, n], sigma [1, 1], u v^T [m, n]]`.
   */
  readonly ImpflowCap: Kernel<'weight' | 'u' | 'v', never, { readonly coeff: number }>;
  /**
   * The gradient with respect to `W [m, n]` of a loss whose gradient with respect to `W_c = W / max(1, sigma / c)` is `direct`,
   * with `slope = d sigma / dW [m, n]` and `sigma [1, 1]` the norm: `f direct - [sigma > c] f <direct, W> / sigma slope`, `f = c / max(sigma, c)`.
   */
  readonly ImpflowCapGradient: Kernel<'direct' | 'weight' | 'slope' | 'sigma', never, { readonly coeff: number }>;
  /**
   * Unit vectors `u [m]`, `v [n]` of the largest singular value `s` of `weight [m, n]`, found when `|W^T u - s v| <= tolerance s`
   * or after so many steps of Lanczos bidiagonalisation (`iterations`, Infinity for as many as needed) from the `v` given and a fixed
   * random direction -> `[u, v]`; where the weight is zero or not finite, those given.
   */
  readonly ImpflowLargestSingular: Kernel<'weight' | 'u' | 'v', never, { readonly tolerance: number; readonly iterations: number }>;
  /**
   * One step of Adam: `m' = beta1 m + (1 - beta1) g`, `v' = beta2 v + (1 - beta2) g^2`,
   * `theta' = decay theta - rate m' / (sqrt(v') + epsilon)` -> `[theta', m', v']`, shaped as `theta`.
   */
  readonly ImpflowAdam: Kernel<'theta' | 'gradient' | 'm' | 'v', never, { readonly beta1: number; readonly beta2: number; readonly rate: number; readonly epsilon: number; readonly decay: number }>;
  /** Copies tensors, named `'0'`, `'1'`, ..., to their slots in memory outside the backend -> what is left to copy: none of them. */
  readonly ImpflowStore: { readonly inputs: Readonly<Record<string, Tensor>>; readonly attributes: SlotsInMemory };
  /** Tensors with copies of what lies in slots of such memory -> one for each. */
  readonly ImpflowLoad: Kernel<never, never, SlotsInMemory>;
}

interface SlotsInMemory {
  readonly memory: ArrayBufferLike;
  readonly slots: readonly Slot[];
}

/** `sin`: `sin(2 pi a) / (2 pi)`; `elu`, `celu` with `alpha`; `tanh`, `softplus`: without (`alpha` is ignored). */
export type FusedActivation = 'sin' | 'elu' | 'celu' | 'tanh' | 'softplus';

interface Kernel<Required extends string, Optional extends string, Attributes> {
  readonly inputs: Readonly<Record<Required, Tensor>> & Readonly<Partial<Record<Optional, Tensor>>>;
  readonly attributes: Attributes;
}

/** The tensors of the layers, and those of a trace, come numbered beside those that are named: `w0`, `w1`, ... */
type NetKernel<Required extends string, Optional extends string, Attributes = object> = {
  readonly inputs: Kernel<Required, Optional, object>['inputs'] & Readonly<Record<string, Tensor>>;
  /** `widths` are `n_0 .. n_L`. */
  readonly attributes: Attributes & { readonly widths: readonly number[]; readonly activation: FusedActivation; readonly alpha: number };
};

type NoAttributes = Readonly<Record<never, never>>;

/** Whether the current backend has a kernel. */
export const hasFused = (name: keyof FusedKernels): boolean => getKernel(name, engine().backendName) !== undefined;

/**
 * The kernel `name` where the current backend has it, else `composed`. On the tape always `composed`: fused kernels have no
 * gradient, their callers write it.
 */
export const fused = <Name extends keyof FusedKernels, const T extends readonly Tensor[]>(
  name: Name, inputs: FusedKernels[Name]['inputs'], attributes: FusedKernels[Name]['attributes'], composed: () => T,
): T => {
  const { state, backendName } = engine();
  const taping = state.gradientDepth > 0 && state.kernelDepth === 0;
  if (taping || getKernel(name, backendName) === undefined) return composed();
  const result = engine().runKernel<Tensor | Tensor[]>(name, inputs as unknown as NamedTensorMap, attributes as unknown as NamedAttrMap);
  return (Array.isArray(result) ? result : [result]) as unknown as T;
};
