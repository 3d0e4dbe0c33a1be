import { concat, mul, neg, reshape, split, type Tensor } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';
import { jacobianOf, unitTangents } from './linalg.ts';
import { kept, release, scoped } from './scope.ts';
import { reshaped, sizeOf, type Shape } from './tensor.ts';

/** A map at one point: its value, and products with its Jacobian. Off the tape. It owns its tensors, which outlive scopes until `dispose`. */
export interface Linearization {
  /** The map's value at the point, `[B, ...event]`. */
  readonly value: Tensor;
  /** `J t` for a stack of tangents, `[K, B, ...event] -> [K, B, ...event]`. The result belongs to the caller. */
  jvp(tangents: Tensor): Tensor;
  /** `J^T u` for a stack of cotangents, `[K, B, ...event] -> [K, B, ...event]`. The result belongs to the caller. */
  vjp(cotangents: Tensor): Tensor;
  /** `J` of each sample, `[B, d, d]`: found once, from `d` products, and kept. */
  jacobian(): Tensor;
  dispose(): void;
}

/** Tangents that went through a net. A plain record: what a custom operation can save. */
export interface Pushed {
  /** `t_k`, `[K, B, ...event]`. */
  readonly tangents: Tensor;
  /** `J t_k`, `[K, B, ...event]`. */
  readonly images: Tensor;
  /** The tangents on their way, for `pullback`; empty where the linearization does not track. */
  readonly entering: readonly Tensor[];
}

/** `sum_k <c_k, J t_k>` as a function of the point and the weights: what gradients of log-determinants are made of. */
export interface Pair {
  readonly pushed: Pushed;
  /** `c_k`, `[K, B, ...event]`. */
  readonly cotangents: Tensor;
}

/** The pair of `sum_b by_b l_b`, from that of `l [B]`. */
export const weighed = (pair: Pair, by: Tensor): Pair =>
  ({ ...pair, cotangents: mul(pair.cotangents, reshape(by, [1, by.size, ...pair.cotangents.shape.slice(2).map(() => 1)])) });

/** What {@link NetLinearization.pullback} differentiates: `<value, g(x)> + sum_k <c_k, J(x) t_k>`. What is left out counts as zero. */
export interface Cotangents {
  /** `[B, ...event]`. */
  readonly value?: Tensor | undefined;
  readonly pair?: Pair | undefined;
  /** Gradients of the weights that the new ones are added to. */
  readonly onto?: readonly Tensor[] | undefined;
}

export interface Gradient {
  /** With respect to the point, `[B, ...event]`. */
  readonly x: Tensor;
  /** With respect to the explicit weights, in their order: `Contraction.trained` takes them to the parameters. */
  readonly weights: readonly Tensor[];
  /** With respect to the condition, where there is one. */
  readonly condition?: Tensor;
}

/** A net at one point, with the derivatives that a training step needs. */
export interface NetLinearization extends Linearization {
  /** Whether `pullback` can be called. Where not, pushed tangents are not kept on their way. */
  readonly tracked: boolean;
  /** `jvp` whose tangents `pullback` can differentiate through. The result belongs to the caller. */
  push(tangents: Tensor): Pushed;
  /** All unit tangents, `[d, B, ...event]`, pushed: once, and kept. */
  units(): Pushed;
  /** @throws `option` where the linearization does not track. */
  pullback(cotangents: Cotangents): Gradient;
}

/** The part of a {@link NetLinearization} that its author writes; results belong to the scope that they are made in. */
export interface LinearizationSpec {
  /** `[B, ...event]`, kept. */
  readonly value: Tensor;
  readonly tracked: boolean;
  /** What `dispose` disposes beside the value. */
  readonly owned: readonly Tensor[];
  push(tangents: Tensor): Pick<Pushed, 'images' | 'entering'>;
  jvp(tangents: Tensor): Tensor;
  vjp(cotangents: Tensor): Tensor;
  pullback(cotangents: Cotangents): Gradient;
}

/** Completes a linearization: unit tangents, the Jacobian, scopes. */
export const defineLinearization = ({ value, tracked, owned, push, jvp, vjp, pullback }: LinearizationSpec): NetLinearization => {
  const [batch, ...event] = value.shape as [number, ...number[]];
  let all: Pushed | undefined;
  let matrix: Tensor | undefined;
  const units = (): Pushed => all ??= kept(() => {
    const tangents = unitStack(batch, event);
    return tracked ? { tangents, ...push(tangents) } : { tangents, images: inChunks(jvp, tangents), entering: [] };
  });
  return Object.freeze<NetLinearization>({
    value, tracked, units,
    jvp: (tangents) => scoped(() => jvp(tangents)),
    vjp: (cotangents) => scoped(() => vjp(cotangents)),
    push: (tangents) => scoped(() => ({ tangents: tangents.clone(), ...push(tangents) })),
    jacobian: () => matrix ??= kept(() => {
      const { images } = units();
      return jacobianOf(reshaped(images, [images.shape[0]!, batch, images.shape[0]!]));
    }),
    pullback: (cotangents) => {
      if (!tracked) throw new FlowError('option', 'core/linearize', 'No pullback of this linearization', { expected: 'tracked: true', got: 'tracked: false', hint: 'Linearize with tracked left out.' });
      return scoped(() => pullback(cotangents));
    },
    dispose: () => release([value, owned, all, matrix]),
  });
};

const unitStack = (batch: number, event: Shape): Tensor => reshaped(unitTangents(batch, sizeOf(event)), [sizeOf(event), batch, ...event]);

/** Floats of the widest layer that the unit tangents of one chunk may take: 16 MB. */
const CHUNK = 2 ** 22;

/** `jvp` of some tangents at a time: memory within the net does not grow with their number. */
const inChunks = (jvp: (tangents: Tensor) => Tensor, tangents: Tensor): Tensor => {
  const [count, batch, ...event] = tangents.shape as [number, number, ...number[]];
  const most = Math.max(1, Math.floor(CHUNK / Math.max(1, batch * Math.max(sizeOf(event), 256))));
  if (count <= most) return jvp(tangents);
  const sizes = Array.from({ length: Math.ceil(count / most) }, (_, i) => Math.min(most, count - i * most));
  return concat(split(tangents, sizes).map((chunk) => scoped(() => jvp(chunk))));
};

/** The linearization of `-g`, from that of `g`, which it takes over. */
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
    units: () => all ??= { ...g.units(), images: kept(() => neg(g.units().images)) },
    jacobian: () => matrix ??= kept(() => neg(g.jacobian())),
    pullback: ({ value: u, pair, onto }) => scoped(() => g.pullback({
      value: u && neg(u), pair: pair && { pushed: pair.pushed, cotangents: neg(pair.cotangents) }, onto,
    })),
    dispose: () => {
      release([value, all?.images, matrix]);
      g.dispose();
    },
  });
};
