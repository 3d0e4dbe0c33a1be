// Counts net evaluations by the rules of peer.py. The counts are:
//   forward   passes x -> g(x)
//   products  of the Jacobian with one tangent or cotangent per sample
//   backward  products of the backward pass: one for each value and each tangent that is differentiated
import { core } from './library.mjs';
import { withNets } from './nets.mjs';

/**
 * @import { Contraction, NetLinearization } from '@impflow/core'
 * @import { Tensor } from '@tensorflow/tfjs-core'
 */

/**
 * Numbers of net evaluations. `uncounted` lists methods of nets that this file does not count yet.
 *
 * @typedef {{ forward: number; products: number; backward: number; uncounted: string[] }} Counts
 */

/** Returns registries whose implicit blocks count net evaluations, and the record of these counts. */
export const counted = () => {
  /** @type {Counts} */
  const counts = { forward: 0, products: 0, backward: 0, uncounted: [] };
  return { counts, registries: withNets((g) => counting(g, counts)) };
};

/** Methods of nets that are counted here, or that do not evaluate the net. */
const KNOWN = new Set([
  'apply',
  'linearize',
  'root',
  'trained',
  'refresh',
  'jvp',
  'vjp',
  'push',
  'units',
  'jacobian',
  'pullback',
  'dispose',
]);

/**
 * Returns the net `g`, with methods that count its evaluations.
 *
 * @param {Contraction} g
 * @param {Counts} counts
 * @returns {Contraction}
 */
const counting = (g, counts) => {
  const dim = core.sizeOf(g.shape);
  /**
   * Records methods that are not in `KNOWN`, so that a method added to the contract later is noticed.
   *
   * @param {object} methods
   */
  const check = (methods) => {
    for (const [name, value] of Object.entries(methods)) {
      if (typeof value === 'function' && !KNOWN.has(name) && !counts.uncounted.includes(name))
        counts.uncounted.push(name);
    }
  };
  check(g);
  /**
   * @param {NetLinearization} inner
   * @returns {NetLinearization}
   */
  const linear = (inner) => {
    check(inner);
    let whole = false;
    /** Counts the products of all unit tangents, which pass through the net in one call. */
    const all = () => {
      counts.products += whole ? 0 : dim;
      whole = true;
    };
    /** @param {Tensor} stack */
    const product = (stack) => {
      counts.products += stack.shape[0];
    };
    return {
      ...inner,
      jvp: (t) => {
        product(t);
        return inner.jvp(t);
      },
      vjp: (u) => {
        product(u);
        return inner.vjp(u);
      },
      push: (t) => {
        product(t);
        return inner.push(t);
      },
      units: () => {
        all();
        return inner.units();
      },
      jacobian: () => {
        all();
        return inner.jacobian();
      },
      pullback: (cotangents) => {
        counts.backward += (cotangents.value === undefined ? 0 : 1) + (cotangents.pair?.cotangents.shape[0] ?? 0);
        return inner.pullback(cotangents);
      },
    };
  };
  /**
   * Runs a whole solve in one kernel, which evaluates each row until it converges. The mean number of evaluations over
   * the rows is counted.
   *
   * @type {NonNullable<Contraction['root']>}
   */
  const root = (h, recipe, criteria, wanted) => {
    const run = g.root?.(h, recipe, criteria, wanted);
    if (run === undefined) return undefined;
    const steps = Array.from(run.steps.dataSync());
    counts.forward += 1 + steps.reduce((sum, n) => sum + n, 0) / h.shape[0];
    if (recipe.method === 'quasi-newton') counts.products += dim;
    return { ...run, g: run.g && linear(run.g) };
  };
  /** @type {Contraction} */
  const whole = {
    ...g,
    apply: (x, condition) => {
      counts.forward += 1;
      if (core.recording()) counts.backward += 1;
      return g.apply(x, condition);
    },
    linearize: (x, options) => {
      counts.forward += 1;
      return linear(g.linearize(x, options));
    },
    ...(g.root === undefined ? {} : { root }),
  };
  return Object.freeze(whole);
};
