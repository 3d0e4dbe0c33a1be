import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, type Contraction } from '@impflow/core';
import { activations, dense, sequential, sinActivation, type Layer, type NormOrders } from '@impflow/lipschitz';
import { testContraction, type ContractionSuite } from '@impflow/testkit';
import { some } from '../../testkit/private/extent.mjs';

const backends = [wasm()];
/** Other tests compare the kernels of the backends, so only one contraction is tested on both backends. */
const both = some([cpu(), wasm()]);
/** Widths of a net that is wider than the largest size of the fused kernels. */
const WIDE = [40, 50, 48, 40];

/** Returns three dense layers that do not start at zero, with an activation between them. */
const net = (
  activation: () => Layer,
  norms: readonly NormOrders[] = [{}, {}, {}],
  coeff = 0.9,
  widths: readonly number[] = [3, 8, 6, 3],
): Contraction =>
  sequential(
    [widths[0]!],
    norms.flatMap((norm, i) => [
      dense({ inputs: widths[i]!, outputs: widths[i + 1]!, coeff, norm, key: fold(key(31), i) }),
      ...(i < 2 ? [activation()] : []),
    ]),
  );

/**
 * Activations whose value or slope jumps. At a jump, finite differences are not derivatives. Activations that are not
 * listed have a bounded second derivative.
 */
const kinked = new Set(['relu', 'leakyRelu', 'maxMin', 'fullSort', 'elu', 'celu', 'lipschitzCube']);

for (const name of activations.names) {
  testContraction({
    name: `a net of ${name}`,
    make: () => net(() => activations.create({ name })),
    wide: () => net(() => activations.create({ name }), [{}, {}, {}], 0.9, WIDE),
    backends: name === 'sin' ? both : backends,
    kinks: kinked.has(name),
  });
}

const variants: readonly (Pick<ContractionSuite, 'name' | 'order'> & { readonly norms: readonly NormOrders[] })[] = [
  {
    name: 'norms 1 -> 2 -> inf -> 1, by columns and rows',
    order: 1,
    norms: [
      { domain: 1, codomain: 2, local: true },
      { domain: 2, codomain: Infinity, local: true },
      { domain: Infinity, codomain: 1 },
    ],
  },
  { name: 'norms inf -> inf', order: Infinity, norms: [0, 1, 2].map(() => ({ domain: Infinity, codomain: Infinity })) },
  {
    name: 'norms 1.5 -> 2.5 -> 2 -> 1.5',
    order: 1.5,
    norms: [
      { domain: 1.5, codomain: 2.5 },
      { domain: 2.5, codomain: 2 },
      { domain: 2, codomain: 1.5 },
    ],
  },
];

for (const { name, order = 2, norms } of variants) {
  // The caps are low, so that every weight is scaled.
  testContraction({
    name,
    order,
    make: () => net(sinActivation, norms, 0.4),
    wide: () => net(sinActivation, norms, 0.4, WIDE),
    backends,
  });
}
