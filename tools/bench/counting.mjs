// Counts what nets are asked for. The rules are those of peer.py:
//   forward   passes x -> g(x), with or without a tape
//   products  of the Jacobian with one tangent or cotangent per sample
//   backward  products of the backward pass: one for each forward pass and one for each product that is on the tape
import { core, flows, lipschitz } from './library.mjs';

const { fold, recording } = core;

/** Registries whose implicit blocks count, and the counts. The nets are those of `flows`. */
export const counted = (registries) => {
  const counts = { forward: 0, products: 0, backward: 0, uncounted: [] };
  const net = ({ activation, ...spec }, { shape, key, activation: create }, purpose) => {
    const options = { ...spec, key: fold(key, purpose), activation: () => create(activation) };
    return counting(shape.length === 3 ? lipschitz.convNet({ ...options, shape }) : lipschitz.mlp({ ...options, dim: shape[0] }), counts);
  };
  const implicit = ({ gx, gz, build }) => flows.implicitBlock({ ...build.options, gx: net(gx, build, 0), gz: net(gz, build, 1) });
  const create = (named) => named.name === 'implicit' ? implicit(named.options) : registries.block.create(named);
  return { counts, registries: { ...registries, block: { ...registries.block, create } } };
};

/** Methods that are counted, or do no work with a net. */
const KNOWN = new Set(['apply', 'pushforward', 'linearize', 'refresh', 'jvp', 'vjp', 'dispose', 'over', 'whole']);

const counting = (g, counts) => {
  const dim = core.sizeOf(g.shape);
  /** What a later contract adds must not go missing in silence. */
  const check = (methods) => {
    for (const [name, value] of Object.entries(methods)) {
      if (typeof value === 'function' && !KNOWN.has(name) && !counts.uncounted.includes(name)) counts.uncounted.push(name);
    }
  };
  check(g);
  const add = (forward, products, taped = recording()) => {
    counts.forward += forward;
    counts.products += products;
    if (taped) counts.backward += forward + products;
  };
  /** A forward pass that an earlier linearization has made still has its own way back. */
  const reused = (products, found) => {
    counts.products += found ? 0 : products;
    if (recording()) counts.backward += 1 + products;
  };
  const linear = (inner) => {
    check({ ...inner, ...inner.reuse });
    return {
      ...inner,
      jvp: (t) => { add(0, t.shape[0], false); return inner.jvp(t); },
      vjp: (u) => { add(0, u.shape[0], false); return inner.vjp(u); },
      ...(inner.reuse === undefined ? {} : {
        reuse: {
          ...inner.reuse,
          over: (copies) => linear(inner.reuse.over(copies)),
          whole: () => { add(0, inner.jacobian === undefined ? dim : 0, false); return linear(inner.reuse.whole()); },
          apply: (x) => { reused(0, true); return inner.reuse.apply(x); },
          pushforward: (x, tangents) => {
            reused(tangents?.shape[0] ?? dim, tangents === undefined && inner.jacobian !== undefined);
            return inner.reuse.pushforward(x, tangents);
          },
        },
      }),
    };
  };
  return Object.freeze({
    ...g,
    apply: (x) => { add(1, 0); return g.apply(x); },
    pushforward: (x, tangents) => { add(1, tangents?.shape[0] ?? dim); return g.pushforward(x, tangents); },
    linearize: (x, options) => {
      const inner = g.linearize(x, options);
      add(1, inner.jacobian === undefined ? 0 : dim, false);
      return linear(inner);
    },
  });
};
