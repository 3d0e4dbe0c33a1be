import { borrowed, leaves, scoped, withLeaves, type Contraction, type Linearization, type Pushforward } from '@impflow/core';
import type { Net } from '@impflow/flows';
import { dispose, neg } from '@tensorflow/tfjs-core';

/** `-g`, which is as much of a contraction as `g`: parameters and all are those of `g`. */
export const negated = (net: Net): Net => 'given' in net ? Object.freeze({ ...net, given: (context) => negatedContraction(net.given(context)) } satisfies Net) : negatedContraction(net);

/** {@link negated}, where no context is missing. */
export const negatedContraction = (g: Contraction): Contraction => Object.freeze<Contraction>({
  ...g,
  apply: (x) => scoped(() => neg(g.apply(x))),
  pushforward: (x, tangents) => scoped(() => negatedPush(g.pushforward(x, tangents))),
  linearize: (x, options) => negatedLinearization(g.linearize(x, options)),
});

const negatedPush = ({ value, tangents }: Pushforward): Pushforward => ({ value: neg(value), tangents: neg(tangents) });

/** Takes `inner` over. */
const negatedLinearization = (inner: Linearization): Linearization =>
  withOwn(inner, scoped(() => ({ value: neg(inner.value), ...(inner.jacobian === undefined ? {} : { jacobian: neg(inner.jacobian) }) })));

/** What differs in sign from `inner` and is therefore kept beside it. */
type Own = Pick<Linearization, 'value' | 'jacobian'>;

const withOwn = (inner: Linearization, own: Own): Linearization => {
  const { reuse } = inner;
  const mine = leaves(own);
  return {
    ...own,
    jvp: (t) => scoped(() => neg(inner.jvp(t))),
    vjp: (u) => scoped(() => neg(inner.vjp(u))),
    ...(reuse === undefined ? {} : {
      reuse: {
        tensors: [...mine, ...reuse.tensors],
        over: (copies) => borrowed(withOwn(reuse.over(copies.slice(mine.length)), withLeaves(own, copies))),
        whole: () => {
          const whole = reuse.whole();
          return withOwn(whole, { ...own, jacobian: own.jacobian ?? scoped(() => neg(whole.jacobian!)) });
        },
        apply: (x) => scoped(() => neg(reuse.apply(x))),
        pushforward: (x, tangents) => scoped(() => negatedPush(reuse.pushforward(x, tangents))),
      },
    }),
    dispose: () => {
      inner.dispose();
      dispose([...mine]);
    },
  };
};
