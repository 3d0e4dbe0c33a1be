import {
  borrowed, customOp, customOps, FlowError, jacobianOf, leaves, offTape, recording, reshaped, scoped, sizeOf, unitTangents, withLeaves,
  type Contraction, type Linearization, type NamedTensors, type NamedVariables, type Pushforward, type Shape,
} from '@impflow/core';
import { dispose, Variable, type Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';
import { fusedPasses, hasNetKernels } from './fused-passes.ts';
import type { Layer } from './layer.ts';
import { layered, type Forward, type Passes, type Pushed } from './passes.ts';

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

  const oneByOne: Passes = layered(layers);
  const whole = fusedPasses(layers) as Passes | undefined;
  /** The kernels for whole nets know no empty batch. */
  const passesFor = (x: Tensor): Passes => whole !== undefined && x.rank === 2 && x.shape[0]! > 0 && hasNetKernels() ? whole : oneByOne;

  const apply = (x: Tensor, passes: Passes, pass: () => Forward<unknown>): Tensor => customOp([x, ...tensors], {
    forward: () => {
      const { value, state } = pass();
      return { value: value.clone(), saved: { state } };
    },
    backward: (dy, { state }) => {
      const gradient = passes.pullback(state, dy);
      return [gradient.x, ...gradient.parameters];
    },
  });

  const pushforward = (x: Tensor, tangents: Tensor | undefined, passes: Passes, pass: () => Forward<unknown> & { readonly pushed: Pushed<unknown> }): Pushforward => {
    if (!recording()) {
      return scoped(() => {
        const { value, pushed: { leaving } } = pass();
        return { value: value.clone(), tangents: leaving.clone() };
      });
    }
    const [value, leaving] = customOps([x, ...(tangents === undefined ? [] : [tangents]), ...tensors], {
      forward: () => {
        const { value, state, pushed: { leaving, entering } } = pass();
        return { values: [value.clone(), leaving.clone()], saved: { state, entering } };
      },
      backward: ([u, cotangents], { state, entering }) => {
        const gradient = passes.pullback(state, u!, { entering, cotangents: cotangents! });
        return [gradient.x, ...(tangents === undefined ? [] : [gradient.tangents!]), ...gradient.parameters];
      },
    });
    return { value: value!, tangents: leaving! };
  };

  const dim = sizeOf(shape);
  const unit = (x: Tensor): Tensor => reshaped(unitTangents(x.shape[0]!, dim), [dim, x.shape[0]!, ...shape]);
  const wholeOf = ({ value, state }: Forward<unknown>, passes: Passes): Whole => offTape(() => scoped(() => {
    const units = passes.push(state, unit(value));
    return { units, jacobian: jacobianOf(reshaped(units.leaving, [dim, value.shape[0]!, dim])) };
  }));

  /** `whole` belongs to the unit tangents. */
  const linearization = (passes: Passes, pass: Forward<unknown>, whole: Whole | undefined, owned = ownedBy([pass, whole])): Linearization => Object.freeze<Linearization>({
    value: pass.value,
    ...(whole === undefined ? {} : { jacobian: whole.jacobian }),
    jvp: (tangents) => offTape(() => scoped(() => passes.product(pass.state, tangents))),
    vjp: (cotangents) => offTape(() => scoped(() => passes.pull(pass.state, cotangents))),
    reuse: {
      tensors: owned,
      over: (copies) => {
        const copyOf = new Map(owned.map((tensor, i) => [tensor, copies[i]!]));
        const [copied, wholeCopied] = withLeaves([pass, whole] as const, leaves([pass, whole]).map((tensor) => copyOf.get(tensor) ?? tensor));
        return borrowed(linearization(passes, copied, wholeCopied));
      },
      whole: () => {
        const complete = whole ?? wholeOf(pass, passes);
        return linearization(passes, pass, complete, [...new Set([...owned, ...ownedBy(complete)])]);
      },
      apply: (here) => recording() ? apply(here, passes, () => pass) : pass.value.clone(),
      pushforward: (here, tangents) => pushforward(here, tangents, passes, () => ({
        ...pass, pushed: tangents === undefined && whole !== undefined ? whole.units : passes.push(pass.state, tangents ?? unit(here)),
      })),
    },
    dispose: () => dispose([...owned]),
  });

  return Object.freeze<Contraction>({
    shape,
    lipschitz,
    parameters: named(layers, (layer) => layer.parameters),
    buffers: named(layers, (layer) => layer.buffers),
    apply: (x) => {
      const passes = passesFor(x);
      return recording() ? apply(x, passes, () => passes.forward(x)) : scoped(() => passes.value(x));
    },
    pushforward: (x, tangents) => {
      const passes = passesFor(x);
      return pushforward(x, tangents, passes, () => {
        const pass = passes.forward(x);
        return { ...pass, pushed: passes.push(pass.state, tangents ?? unit(x)) };
      });
    },
    linearize: (x, { jacobian = false } = {}) => {
      const passes = passesFor(x);
      // A copy of the point: the caller's tensor may die before the linearization does.
      const pass = offTape(() => scoped(() => passes.forward(x.clone())));
      return linearization(passes, pass, jacobian ? wholeOf(pass, passes) : undefined);
    },
    refresh: (options) => { for (const layer of layers) layer.refresh?.(options); },
  });
};

interface Whole {
  readonly units: Pushed<unknown>;
  readonly jacobian: Tensor;
}

/** What a layer keeps, such as a variable, is only borrowed. */
const ownedBy = (tree: unknown): readonly Tensor[] => [...new Set(leaves(tree))].filter((t) => !(t instanceof Variable) && !t.kept);

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
