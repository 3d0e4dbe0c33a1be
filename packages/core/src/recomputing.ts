import { keep, scalar, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { customOp, customOps, offTape, pullback, recording } from './autodiff.ts';
import type { Contraction, Linearization, Reuse } from './contraction.ts';
import { scoped } from './tensor.ts';

/**
 * `g` that leaves nothing on the tape but what goes in: `apply` and `pushforward` save `x` and the tangents, and make their pass again
 * in the backward pass. The same numbers, for the price of that pass; of a deep net, memory for its input instead of all that is within.
 *
 * Off the tape it is `g`. A linearization serves within the forward pass as that of `g` does, and on the tape it leaves its point, at which
 * the backward pass linearizes anew: so a solve (`implicit`), too, keeps one point until then.
 *
 * @remarks Linearizations are kept by hand: one that nobody disposes outlives its scope. `g` must read nothing but `x` and its
 * `parameters`: not for a conditional contraction at a context, which would lose the gradient of the context.
 * @see Chen, Xu, Zhang, Guestrin, Training Deep Nets with Sublinear Memory Cost, 2016 (arXiv:1604.06174).
 */
export const recomputing = (g: Contraction): Contraction => {
  const parameters = Object.values(g.parameters);
  /** The results of `pass`, as `now` finds them. */
  const recomputed = (inputs: readonly Tensor[], pass: (...inputs: Tensor[]) => readonly Tensor[], now: () => readonly Tensor[]): readonly Tensor[] =>
    customOps([...inputs, ...parameters], {
      forward: () => ({ values: offTape(() => scoped(now)), saved: { inputs } }),
      backward: (cotangents, { inputs }) => pullbacks(() => pass(...inputs), [...inputs, ...parameters], cotangents),
    });

  /** `apply` and `pushforward` of `source`, which makes no difference to the backward pass. */
  const over = (source: Pick<Contraction, 'apply' | 'pushforward'>): Pick<Contraction, 'apply' | 'pushforward'> => ({
    apply: (x) => recording() ? recomputed([x], (x) => [g.apply(x)], () => [source.apply(x)])[0]! : source.apply(x),
    pushforward: (x, tangents) => {
      if (!recording()) return source.pushforward(x, tangents);
      const results = ({ value, tangents }: ReturnType<Contraction['pushforward']>): readonly Tensor[] => [value, tangents];
      const [value, leaving] = recomputed(
        tangents === undefined ? [x] : [x, tangents], (x, tangents) => results(g.pushforward(x!, tangents)), () => results(source.pushforward(x, tangents)),
      );
      return { value: value!, tangents: leaving! };
    },
  });

  /** Takes over `point` too. */
  const at = (point: Tensor, original: Linearization, reuse: Reuse): Recomputed => {
    // `tensors` are what is found again: whoever protects them from a scope would leave the others to it.
    for (const tensor of [point, ...reuse.tensors]) keep(tensor);
    return {
      ...original,
      original,
      reuse: {
        ...over(reuse),
        tensors: [point],
        over: ([copy]) => g.linearize(copy!),
        whole: () => {
          const whole = reuse.whole();
          return at(point, whole, whole.reuse!);
        },
      },
      dispose: () => {
        original.dispose();
        point.dispose();
      },
    };
  };

  return Object.freeze<Contraction>({
    ...g,
    ...over(g),
    linearize: (x, options): Recomputed => {
      const original = g.linearize(x, options);
      return original.reuse === undefined ? { ...original, original } : at(offTape(() => x.clone()), original, original.reuse);
    },
  });
};

/** Of a {@link recomputing} contraction. */
interface Recomputed extends Linearization {
  readonly original: Linearization;
}

/**
 * The linearization that keeps what it knows, where this one is of a {@link recomputing} contraction, and else this one: for a tape that
 * ends before memory is short. It belongs to this one.
 */
export const keeping = (linearization: Linearization): Linearization => (linearization as Partial<Recomputed>).original ?? linearization;

/**
 * The gradient of `sum <cotangent, result>` over the results of `f`, with respect to `xs`: zeros where nothing arrives. A tape of its own, as that of
 * `pullback`.
 */
export const pullbacks = (f: () => readonly Tensor[], xs: readonly Tensor[], cotangents: readonly Tensor[]): readonly Tensor[] => scoped(() => {
  // A number without meaning whose gradient with respect to the results is the cotangents.
  const paired = (): Tensor => customOp(f(), {
    forward: () => ({ value: scalar(0), saved: { cotangents } }),
    backward: (_one, saved) => saved.cotangents.map((cotangent) => cotangent.clone()),
  });
  return pullback(paired, xs, scalar(1)).gradients.map((gradient, i) => gradient as Tensor | undefined ?? zerosLike(xs[i]!));
});
