import { toy, type FlowSpec } from '@impflow/flows';
import type { Scaling } from '@impflow/data/tables';
import type { ModelChoice } from '../config.ts';

/** The flow of a choice, in two dimensions; where the data are scaled, in their own units. The same as that of the command line's toy preset. */
export const specOf = ({ kind, net, blocks, hidden, activation, coeff, solver, logDet }: ModelChoice, { scaling }: { readonly scaling?: Scaling }): FlowSpec => toy({
  model: kind, blocks, hidden,
  ...(scaling === undefined ? {} : { scaling: { mean: scaling.mean, scale: scaling.scale } }),
  // The nets of couplings are free: no cap, no solve, and a log-determinant by formula.
  ...(kind === 'coupling' ? {} : { ...(net === undefined ? {} : { net }), activation: { name: activation }, coeff, ...(solver === undefined ? {} : { solver }), ...(logDet === undefined ? {} : { logDet }) }),
});
