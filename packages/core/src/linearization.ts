import { concat, mul, neg, split, type Tensor } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';
import { reshaped } from './kernel.ts';
import { jacobianOf, unitTangents } from './linalg.ts';
import { kept, release, scoped } from './scope.ts';
import { sizeOf, type Shape } from './tensor.ts';

/**
 * A map at one point: its value, and products with its Jacobian. Off the tape. A linearization owns its tensors, which
 * survive scopes until `dispose`.
 */
export interface Linearization {
  /** The map's value at the point, `[B, ...event]`. */
  readonly value: Tensor;
  /** `J t` for a stack of tangents, `[K, B, ...event] -> [K, B, ...event]`. The result belongs to the caller. */
  jvp(tangents: Tensor): Tensor;
  /** `J^T u` for a stack of cotangents, `[K, B, ...event] -> [K, B, ...event]`. The result belongs to the caller. */
  vjp(cotangents: Tensor): Tensor;
  /** `J` of each sample, `[B, d, d]`. Computed at the first call from `d` products; belongs to the linearization. */
  jacobian(): Tensor;
  /** Disposes all tensors of the linearization. */
  dispose(): void;
}

/** Tangents and their images under a net. A plain record, so that custom operations can save it. */
export interface Pushed {
  /** `t_k`, `[K, B, ...event]`. */
  readonly tangents: Tensor;
  /** `J t_k`, `[K, B, ...event]`. */
  readonly images: Tensor;
  /** Tangents between the layers, for `pullback`. Empty if the linearization is not `tracked`. */
  readonly entering: readonly Tensor[];
}

/** `sum_k <c_k, J t_k>` as a function of the point and the weights. Gradients of log-determinants have this form. */
export interface Pair {
  /** Tangents `t_k` and their images. */
  readonly pushed: Pushed;
  /** `c_k`, `[K, B, ...event]`. */
  readonly cotangents: Tensor;
}

/**
 * Returns the {@link Pair} for the gradient of the weighted sum `sum_b by_b l_b`. `pair` is the {@link Pair} for the
 * gradient of `l [B]`; `by [B]` contains the weights.
 */
export const weighed = (pair: Pair, by: Tensor): Pair => ({
  ...pair,
  cotangents: mul(pair.cotangents, reshaped(by, [1, by.size, ...pair.cotangents.shape.slice(2).map(() => 1)])),
});

/**
 * Coefficients of the scalar `<value, g(x)> + sum_k <c_k, J(x) t_k>` that {@link NetLinearization.pullback}
 * differentiates.
 */
export interface Cotangents {
  /** Cotangent of `g(x)`, `[B, ...event]`. Default: zero. */
  readonly value?: Tensor | undefined;
  /** Tangents `t_k` and cotangents `c_k`. Default: none. */
  readonly pair?: Pair | undefined;
  /** Gradients with respect to the weights of the layers, to which the new gradients are added. Default: zeros. */
  readonly onto?: readonly Tensor[] | undefined;
}

/** Result of {@link NetLinearization.pullback}. */
export interface Gradient {
  /** Gradient with respect to the point, `[B, ...event]`. */
  readonly x: Tensor;
  /**
   * Gradients with respect to the explicit weights, in their order. `Contraction.trained` converts them to gradients
   * with respect to the parameters.
   */
  readonly weights: readonly Tensor[];
  /** Gradient with respect to the condition, `[B, m]`. Absent without a condition. */
  readonly condition?: Tensor;
}

/** A net at one point, with the derivatives that a training step needs. */
export interface NetLinearization extends Linearization {
  /** Whether `pullback` can be called. If not, the tangents between the layers are not kept. */
  readonly tracked: boolean;
  /**
   * `J t` for tangents `[K, B, ...event]`, in a form that `pullback` can differentiate. The result belongs to the
   * caller.
   */
  push(tangents: Tensor): Pushed;
  /**
   * Returns all unit tangents, `[d, B, ...event]`, and their images. The first call computes them. The result belongs
   * to the linearization.
   */
  units(): Pushed;
  /**
   * Returns the gradient of the scalar that {@link Cotangents} describes. The result belongs to the caller.
   *
   * @throws `option` if the linearization is not `tracked`.
   */
  pullback(cotangents: Cotangents): Gradient;
}

/** The part of a {@link NetLinearization} that its author writes. Results belong to the scope of the call. */
export interface LinearizationSpec {
  /** Value of the net, `[B, ...event]`. The tensor must survive scopes: see `kept`. */
  readonly value: Tensor;
  /** Whether `pullback` can be called. */
  readonly tracked: boolean;
  /** Further tensors that `dispose` disposes. */
  readonly owned: readonly Tensor[];
  /** Returns the images `J t_k` of tangents `[K, B, ...event]`, and the tangents between the layers. */
  push(tangents: Tensor): Pick<Pushed, 'images' | 'entering'>;
  /** `J t` for a stack of tangents, `[K, B, ...event]`. */
  jvp(tangents: Tensor): Tensor;
  /** `J^T u` for a stack of cotangents, `[K, B, ...event]`. */
  vjp(cotangents: Tensor): Tensor;
  /** Returns the gradient; called only if `tracked` is true. */
  pullback(cotangents: Cotangents): Gradient;
}

/** Completes a linearization with unit tangents, the Jacobian and scopes. */
export const defineLinearization = ({
  value,
  tracked,
  owned,
  push,
  jvp,
  vjp,
  pullback,
}: LinearizationSpec): NetLinearization => {
  const [batch, ...event] = value.shape as [number, ...number[]];
  let all: Pushed | undefined;
  let matrix: Tensor | undefined;
  const units = (): Pushed =>
    (all ??= kept(() => {
      const tangents = unitStack(batch, event);
      return tracked ? { tangents, ...push(tangents) } : { tangents, images: inChunks(jvp, tangents), entering: [] };
    }));
  return Object.freeze<NetLinearization>({
    value,
    tracked,
    units,
    jvp: (tangents) => scoped(() => jvp(tangents)),
    vjp: (cotangents) => scoped(() => vjp(cotangents)),
    push: (tangents) => scoped(() => ({ tangents: tangents.clone(), ...push(tangents) })),
    jacobian: () =>
      (matrix ??= kept(() => {
        const { images } = units();
        return jacobianOf(reshaped(images, [images.shape[0]!, batch, images.shape[0]!]));
      })),
    pullback: (cotangents) => {
      if (!tracked)
        throw new FlowError('option', 'core/linearize', 'This linearization has no pullback', {
          expected: 'tracked: true',
          got: 'tracked: false',
          hint: 'Call linearize without the option tracked.',
        });
      return scoped(() => pullback(cotangents));
    },
    dispose: () => release([value, owned, all, matrix]),
  });
};

const unitStack = (batch: number, event: Shape): Tensor =>
  reshaped(unitTangents(batch, sizeOf(event)), [sizeOf(event), batch, ...event]);

/** Largest number of floats in the widest layer for the unit tangents of one chunk: 16 MB. */
const CHUNK = 2 ** 22;

/** Calls `jvp` with chunks of tangents, so that the memory inside the net does not grow with the number of tangents. */
const inChunks = (jvp: (tangents: Tensor) => Tensor, tangents: Tensor): Tensor => {
  const [count, batch, ...event] = tangents.shape as [number, number, ...number[]];
  const most = Math.max(1, Math.floor(CHUNK / Math.max(1, batch * Math.max(sizeOf(event), 256))));
  if (count <= most) return jvp(tangents);
  const sizes = Array.from({ length: Math.ceil(count / most) }, (_, i) => Math.min(most, count - i * most));
  return concat(split(tangents, sizes).map((chunk) => scoped(() => jvp(chunk))));
};

/** Returns the linearization of `-g` from the linearization of `g`. Takes ownership of `g`. */
export const opposite = (g: NetLinearization): NetLinearization => {
  const flipped = (pushed: Pushed): Pushed => ({ ...pushed, images: neg(pushed.images) });
  const value = kept(() => neg(g.value));
  let all: Pushed | undefined;
  let matrix: Tensor | undefined;
  return Object.freeze<NetLinearization>({
    value,
    tracked: g.tracked,
    jvp: (tangents) => scoped(() => neg(g.jvp(tangents))),
    vjp: (cotangents) => scoped(() => neg(g.vjp(cotangents))),
    push: (tangents) => scoped(() => flipped(g.push(tangents))),
    units: () => (all ??= { ...g.units(), images: kept(() => neg(g.units().images)) }),
    jacobian: () => (matrix ??= kept(() => neg(g.jacobian()))),
    pullback: ({ value: u, pair, onto }) =>
      scoped(() =>
        g.pullback({
          value: u && neg(u),
          pair: pair && { pushed: pair.pushed, cotangents: neg(pair.cotangents) },
          onto,
        }),
      ),
    dispose: () => {
      release([value, all?.images, matrix]);
      g.dispose();
    },
  });
};
