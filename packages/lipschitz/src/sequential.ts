import {
  borrowed, customOp, customOps, FlowError, jacobianOf, leaves, offTape, recording, reshaped, scoped, sizeOf, unitTangents, withLeaves,
  type Contraction, type Linearization, type NamedTensors, type NamedVariables, type Pushforward, type Shape,
} from '@impflow/core';
import { dispose, Variable, type Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';
import type { Layer, LayerState, LayerTrace } from './layer.ts';

/**
 * Layers one after the other, as a {@link Contraction} `[B, d] -> [B, d]`.
 *
 * @throws `option` where the product of the layers' Lipschitz constants is not below one, or their norms do not meet: it is
 * about one norm only where each layer ends in the norm that the next begins with, and the last in that of the first.
 */
export const sequential = (shape: Shape, layers: readonly Layer[]): Contraction => {
  const lipschitz = layers.reduce((product, layer) => product * layer.lipschitz, 1);
  if (!(lipschitz < 1)) {
    throw new FlowError('option', 'lipschitz/sequential', 'The layers do not form a contraction', {
      expected: 'a product of Lipschitz constants below 1', got: lipschitz.toPrecision(4), hint: 'Lower the coefficients of the dense layers.',
    });
  }
  assertNormsMeet(layers);
  const tensors = layers.flatMap((layer) => Object.values(layer.parameters));

  const value = (x: Tensor): Tensor => layers.reduce((y, layer) => layer.value(y), x);
  const traced = (x: Tensor): readonly LayerTrace[] => {
    const traces: LayerTrace[] = [];
    for (const layer of layers) traces.push(layer.trace(traces.at(-1)?.value ?? x));
    return traces;
  };
  /** The tangents that enter each layer, and those that leave the last. */
  const pushed = (traces: readonly LayerState[], tangents: Tensor): Pushed => {
    const entering = [tangents];
    for (const [i, layer] of layers.entries()) entering.push(layer.jvp(traces[i]!, entering.at(-1)!));
    const leaving = entering.pop()!;
    return { entering, leaving };
  };
  const pulled = (traces: readonly LayerState[], cotangents: Tensor): Tensor => layers.reduceRight((u, layer, i) => layer.vjp(traces[i]!, u), cotangents);

  /** The gradient of `<u, g(x)> + sum_k <w_k, J(x) t_k>`, given the tangents that entered each layer. */
  const pullback = (traces: readonly LayerState[], u: Tensor, through?: { readonly entering: readonly Tensor[]; readonly cotangents: Tensor }): Pullback => {
    const parameters: (readonly Tensor[])[] = [];
    let cotangent = u;
    let cotangents = through?.cotangents;
    for (let i = layers.length - 1; i >= 0; i--) {
      const gradient = layers[i]!.pullback(traces[i]!, cotangent, cotangents === undefined ? undefined : { tangents: through!.entering[i]!, cotangents });
      parameters.unshift(gradient.parameters);
      cotangent = gradient.x;
      cotangents = gradient.tangents;
    }
    return { x: cotangent, tangents: cotangents, parameters: parameters.flat() };
  };

  const apply = (x: Tensor, forward: () => readonly LayerTrace[]): Tensor => customOp([x, ...tensors], {
    forward: () => {
      const traces = forward();
      return { value: traces.at(-1)!.value.clone(), saved: { traces: traces.map(stateOf) } };
    },
    backward: (dy, { traces }) => {
      const gradient = pullback(traces, dy);
      return [gradient.x, ...gradient.parameters];
    },
  });

  const pushforward = (x: Tensor, tangents: Tensor | undefined, forward: () => { readonly traces: readonly LayerTrace[]; readonly pushed: Pushed }): Pushforward => {
    if (!recording()) {
      return scoped(() => {
        const { traces, pushed: { leaving } } = forward();
        return { value: traces.at(-1)!.value.clone(), tangents: leaving.clone() };
      });
    }
    const [value, pushedOn] = customOps([x, ...(tangents === undefined ? [] : [tangents]), ...tensors], {
      forward: () => {
        const { traces, pushed: { entering, leaving } } = forward();
        return { values: [traces.at(-1)!.value.clone(), leaving.clone()], saved: { traces: traces.map(stateOf), entering } };
      },
      backward: ([u, cotangents], { traces, entering }) => {
        const gradient = pullback(traces, u!, { entering, cotangents: cotangents! });
        return [gradient.x, ...(tangents === undefined ? [] : [gradient.tangents!]), ...gradient.parameters];
      },
    });
    return { value: value!, tangents: pushedOn! };
  };

  const wholeOf = (traces: readonly LayerTrace[]): Whole => offTape(() => scoped(() => {
    const { value: y } = traces.at(-1)!;
    const units = pushed(traces, unit(y));
    return { units, jacobian: jacobianOf(reshaped(units.leaving, [dim, y.shape[0]!, dim])) };
  }));
  const dim = sizeOf(shape);
  const unit = (x: Tensor): Tensor => reshaped(unitTangents(x.shape[0]!, dim), [dim, x.shape[0]!, ...shape]);

  /** `units` are those of the unit tangents, `jacobian` the same as matrices. */
  const linearization = (traces: readonly LayerTrace[], whole: Whole | undefined, owned = ownedBy([traces, whole])): Linearization => {
    return Object.freeze<Linearization>({
      value: traces.at(-1)!.value,
      ...(whole === undefined ? {} : { jacobian: whole.jacobian }),
      jvp: (tangents) => offTape(() => scoped(() => layers.reduce((t, layer, i) => layer.jvp(traces[i]!, t), tangents))),
      vjp: (cotangents) => offTape(() => scoped(() => pulled(traces, cotangents))),
      reuse: {
        tensors: owned,
        over: (copies) => {
          const copyOf = new Map(owned.map((tensor, i) => [tensor, copies[i]!]));
          const [copied, wholeCopied] = withLeaves([traces, whole] as const, leaves([traces, whole]).map((tensor) => copyOf.get(tensor) ?? tensor));
          return borrowed(linearization(copied, wholeCopied));
        },
        whole: () => {
          const complete = whole ?? wholeOf(traces);
          return linearization(traces, complete, [...new Set([...owned, ...ownedBy(complete)])]);
        },
        apply: (here) => recording() ? apply(here, () => traces) : traces.at(-1)!.value.clone(),
        pushforward: (here, tangents) => pushforward(here, tangents, () => ({
          traces, pushed: tangents === undefined && whole !== undefined ? whole.units : pushed(traces, tangents ?? unit(here)),
        })),
      },
      dispose: () => dispose([...owned]),
    });
  };

  return Object.freeze<Contraction>({
    shape,
    lipschitz,
    parameters: named(layers, (layer) => layer.parameters),
    buffers: named(layers, (layer) => layer.buffers),
    apply: (x) => recording() ? apply(x, () => traced(x)) : scoped(() => value(x)),
    pushforward: (x, tangents) => pushforward(x, tangents, () => {
      const traces = traced(x);
      return { traces, pushed: pushed(traces, tangents ?? unit(x)) };
    }),
    linearize: (x, { jacobian = false } = {}) => {
      // A copy of the point: the caller's tensor may die before the linearization does.
      const traces = offTape(() => scoped(() => traced(x.clone())));
      return linearization(traces, jacobian ? wholeOf(traces) : undefined);
    },
    refresh: (options) => { for (const layer of layers) layer.refresh?.(options); },
  });
};

interface Pushed {
  readonly entering: readonly Tensor[];
  readonly leaving: Tensor;
}

interface Whole {
  readonly units: Pushed;
  readonly jacobian: Tensor;
}

interface Pullback {
  readonly x: Tensor;
  readonly tangents: Tensor | undefined;
  readonly parameters: readonly Tensor[];
}

/** What a layer keeps, such as a variable, is only borrowed. */
const ownedBy = (tree: unknown): readonly Tensor[] => [...new Set(leaves(tree))].filter((t) => !(t instanceof Variable) && !t.kept);

/** A trace as the gradient needs it, without what left the layer. */
const stateOf = ({ saved }: LayerTrace): LayerState => ({ saved });

const nameOf = (order: Order): string => typeof order === 'number' ? String(order) : `a learnable order, now ${order.value().toPrecision(3)}`;

const assertNormsMeet = (layers: readonly Layer[]): void => {
  const norms = layers.flatMap(({ norm }) => norm === undefined ? [] : [norm]);
  for (const [i, { codomain }] of norms.entries()) {
    const { domain } = norms[(i + 1) % norms.length]!;
    if (codomain === domain) continue;
    throw new FlowError('option', 'lipschitz/sequential', 'The norms of the layers do not meet', {
      expected: `codomain ${nameOf(domain)} of layer ${i + 1} of ${norms.length} with a norm`, got: nameOf(codomain), hint: 'The last layer must lead back to the domain of the first.',
    });
  }
};

/** The variables of all layers under `layers.<i>.<name>`; one that layers share under the first of its names. */
const named = (layers: readonly Layer[], of: (layer: Layer) => NamedTensors): NamedVariables => {
  const seen = new Set<Tensor>();
  return Object.fromEntries(layers.flatMap((layer, i) =>
    Object.entries(of(layer)).flatMap(([name, tensor]) => {
      if (!(tensor instanceof Variable) || seen.has(tensor)) return [];
      seen.add(tensor);
      return [[`layers.${i}.${name}`, tensor] as const];
    })));
};
