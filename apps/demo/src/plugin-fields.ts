import { numberProblem, type NumberRule } from './rules.ts';

// The solvers and estimators that the page offers, with input fields for their options.

/** An option of a solver or an estimator. */
export type OptionField = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** A condition: this option applies only if the option called `name` has the value `value`. */
  readonly when?: { readonly name: string; readonly value: string };
} & (
  | (NumberRule & { readonly standard: number })
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly standard: string }
);

/**
 * A solver or estimator whose options have input fields on the page. For other plugins, the visitor writes the options
 * as JSON.
 */
export interface PluginField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly options: readonly OptionField[];
}

/** Returns a constructor of options whose value is a number from `least` to `most`. */
const number =
  (kind: NumberRule['kind'], rule: Pick<NumberRule, 'open'> = {}) =>
  (
    name: string,
    label: string,
    [least, most, standard]: readonly [number, number, number],
    hint: string,
  ): OptionField => ({ kind, name, label, hint, least, most, standard, ...rule });
const count = number('integer');
const real = number('number');
/** Constructs an option whose value is a number strictly between `least` and `most`. */
const between = number('number', { open: true });
/** Constructs an option whose value is one of several names. The first name is the default. */
const choice = (name: string, label: string, values: readonly string[], hint: string): OptionField => ({
  kind: 'choice',
  name,
  label,
  hint,
  values,
  standard: values[0]!,
});
const method = (name: string, label: string, hint: string, options: readonly OptionField[]): PluginField => ({
  name,
  label,
  hint,
  options,
});

const damping = real('damping', 'Damping', [0.01, 1, 1], 'Fraction of each step that is taken; 1 means the full step.');
const maxDim = (standard: number): OptionField =>
  count('maxDim', 'Most dimensions', [2, 1024, standard], 'More dimensions are refused; the plane has 2.');

export const SOLVERS: readonly PluginField[] = [
  method(
    'fixed-point',
    'Fixed point',
    'Uses the output as the next input, repeatedly. Always converges, but slowly if the coefficient is near 1.',
    [damping],
  ),
  method('anderson', 'Anderson', 'Combines the last iterates so that their residuals cancel.', [
    count('memory', 'Memory', [1, 30, 5], 'Largest number of past iterates that are combined.'),
    damping,
    real('regularization', 'Regularization', [1e-8, 1, 1e-6], 'Keeps the least squares solvable.'),
  ]),
  method('broyden', 'Broyden', 'Approximates the inverse Jacobian from the steps so far.', [
    count('memory', 'Memory', [1, 100, 30], 'Largest number of rank-one updates that are kept.'),
    count('lineSearch', 'Line search', [0, 10, 0], 'Largest number of halvings of a step that does not help.'),
  ]),
  method('newton', 'Newton', 'Solves with the exact Jacobian at every step: few steps, each of them expensive.', [
    maxDim(64),
  ]),
  method('quasi-newton', 'Quasi-Newton', 'Computes the exact Jacobian once, then updates it as Broyden does.', [
    maxDim(16),
  ]),
];

const directions = [
  choice('probe', 'Probes', ['rademacher', 'gaussian', 'basis'], 'Random directions that estimate the trace.'),
  count('probes', 'Number of probes', [1, 32, 1], 'Directions per point: more of them, less noise.'),
];
const probing = [
  ...directions,
  choice(
    'gradient',
    'Gradient',
    ['neumann', 'series'],
    'neumann needs one differentiable product; series differentiates term by term.',
  ),
];

export const LOG_DETS: readonly PluginField[] = [
  method('exact', 'Exact', 'Computed from the whole Jacobian: exact and without noise, for few dimensions.', [
    maxDim(64),
  ]),
  method('series', 'Power series', 'Stops after some terms: a small error that does not average out.', [
    count('terms', 'Terms', [1, 200, 20], 'More terms, less error, more time.'),
    ...probing,
  ]),
  method('roulette', 'Russian roulette', 'Stops at random and weights the terms: right on average, with noise.', [
    count('exactTerms', 'Certain terms', [0, 100, 2], 'Terms that are always computed, before the random terms.'),
    choice('distribution', 'Number of random terms', ['geometric', 'poisson'], 'The distribution of this number.'),
    {
      ...between('p', 'p of the geometric', [0, 1, 0.5], 'Probability of stopping at each term.'),
      when: { name: 'distribution', value: 'geometric' },
    },
    {
      ...real('lambda', 'λ of the Poisson', [0.01, 100, 2], 'Mean number of random terms.'),
      when: { name: 'distribution', value: 'poisson' },
    },
    ...probing,
  ]),
  method(
    'solved',
    'Solved probes',
    'Solves a linear system for each probe: only the probes cause noise, and there are no terms to choose.',
    [
      between('rtol', 'Tolerance', [0, 1, 1e-4], 'A sample is done when its residual is this small.'),
      count('maxSteps', 'Most steps', [1, 200, 16], 'Most Jacobian products per probe; the plane needs 2.'),
      ...directions,
    ],
  ),
];

/**
 * Returns why the value of an option is not allowed, as a phrase that begins with "must", or undefined if the value is
 * allowed.
 */
export const optionProblem = (value: unknown, field: OptionField): string | undefined => {
  if (field.kind === 'choice')
    return field.values.includes(value as string) ? undefined : `must be one of ${field.values.join(', ')}`;
  return numberProblem(typeof value === 'number' ? value : Number.NaN, field);
};

/** Returns whether an option applies, given the values of the other options. */
export const applies = (
  { when }: OptionField,
  fields: readonly OptionField[],
  options: Readonly<Record<string, unknown>>,
): boolean =>
  when === undefined || (options[when.name] ?? fields.find(({ name }) => name === when.name)?.standard) === when.value;
