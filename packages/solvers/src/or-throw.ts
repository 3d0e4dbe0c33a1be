import { FlowError, type Solution } from '@impflow/core';

/**
 * Returns the solution if every sample converged. If not, disposes the value of the solution and throws.
 *
 * @throws `convergence`, with the number of failed samples and a hint; `unsupported` for a solution with the status
 * `unread`.
 */
export const orThrow = (solution: Solution): Solution => {
  const {
    value,
    status,
    stats: { path, steps, residual, converged },
  } = solution;
  if (status === 'converged') return solution;
  value.dispose();
  if (status === 'unread')
    throw new FlowError('unsupported', 'solvers/orThrow', 'The residuals of this solve have not been read yet', {
      expected: 'a status that has been read',
      got: status,
      hint: 'This backend has no synchronous read: call orThrow in onEnd, within settle.',
    });
  const failed = residual.filter((_, i) => converged[i] === 0);
  // Math.max returns NaN if one residual is NaN. Math.max is called with two residuals at a time, because the number of
  // arguments of a call is limited.
  const worst = failed.reduce((most, one) => Math.max(most, one), 0);
  // The message names `solve` as the source, as if `solve` had thrown.
  throw new FlowError(
    'convergence',
    'solvers/solve',
    `${path.join(', then ')} stopped after ${steps} steps (${status}) on ${failed.length} of ${residual.length} samples`,
    { expected: 'residual <= atol + rtol |value|', got: worst.toExponential(1), hint: HINTS[status] },
  );
};

const HINTS = {
  'max-steps': 'Raise maxSteps, or add a fallback.',
  diverged: 'Add a fallback, or check that the map is a contraction.',
  'non-finite': 'Check the input for NaN and the Lipschitz bound of the map.',
} as const;
