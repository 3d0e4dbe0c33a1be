import { FlowError, type Solution } from '@impflow/core';

/**
 * Returns the solution if every sample converged. Otherwise disposes its value and throws.
 *
 * @throws `convergence`, with the number of failed samples and a hint.
 */
export const orThrow = (solution: Solution): Solution => {
  const {
    value,
    status,
    stats: { path, steps, residual, converged },
  } = solution;
  if (status === 'converged') return solution;
  value.dispose();
  const undone = [...residual].filter((_, i) => converged[i] === 0);
  // Math.max returns NaN if one residual is NaN.
  throw new FlowError(
    'convergence',
    'solvers/solve',
    `${path.join(', then ')} stopped after ${steps} steps (${status}) on ${undone.length} of ${residual.length} samples`,
    { expected: 'residual <= atol + rtol |value|', got: Math.max(...undone).toExponential(1), hint: HINTS[status] },
  );
};

const HINTS = {
  'max-steps': 'Raise maxSteps, or add a fallback.',
  diverged: 'Add a fallback, or check that the map is a contraction.',
  'non-finite': 'Check the input for NaN and the Lipschitz bound of the map.',
  unread: 'The running backend cannot be read at once: ask for onEnd within settle.',
} as const;
