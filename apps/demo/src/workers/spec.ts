import { methodText, type SpecSettings } from 'impflow/run';
import type { ModelChoice } from '../config.ts';

/** The choices of a model as options of impflow. */
export const settingsOf = ({
  kind,
  net,
  blocks,
  hidden,
  activation,
  coeff,
  solver,
  logDet,
}: ModelChoice): SpecSettings => ({
  preset: 'toy',
  model: kind,
  blocks,
  hidden,
  // The nets of couplings are unconstrained: no cap, no solve, and a log-determinant in closed form.
  ...(kind === 'coupling'
    ? {}
    : {
        ...(net === undefined ? {} : { net }),
        activation,
        coeff,
        ...(solver === undefined ? {} : { solver: methodText(solver) }),
        ...(logDet === undefined ? {} : { logdet: methodText(logDet) }),
      }),
});
