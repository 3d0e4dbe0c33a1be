import { toyPreset, type FlowSpec } from '@impflow/flows';
import type { Scaling } from '@impflow/tables';
import type { ModelChoice } from '../config.ts';

/**
 * The spec of a choice in two dimensions, equal to that of the command line's toy preset. `scaling` converts from the
 * units of the data.
 */
export const specOf = (
  { kind, net, blocks, hidden, activation, coeff, solver, logDet }: ModelChoice,
  { scaling }: { readonly scaling?: Scaling },
): FlowSpec =>
  toyPreset({
    model: kind,
    blocks,
    hidden,
    ...(scaling === undefined ? {} : { scaling: { mean: scaling.mean, scale: scaling.scale } }),
    // The nets of couplings are unconstrained: no cap, no solve, and a log-determinant in closed form.
    ...(kind === 'coupling'
      ? {}
      : {
          ...(net === undefined ? {} : { net }),
          activation: { name: activation },
          coeff,
          ...(solver === undefined ? {} : { solver }),
          ...(logDet === undefined ? {} : { logDet }),
        }),
  });
