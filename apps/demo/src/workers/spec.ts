import { methodText, type SpecSettings } from 'impflow/run';
import type { ModelChoice } from '../config.ts';

/** Converts the page's settings of a model to options of impflow. */
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
  // The nets of coupling blocks are unconstrained: their layers have no caps. The inverse of a coupling block needs no
  // solver, and its log-determinant has a closed form.
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
