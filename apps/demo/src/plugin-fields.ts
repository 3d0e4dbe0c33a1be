import { numberProblem, type NumberRule } from './rules.ts';

// Solvers and estimators with their options, as the page offers them.

/** An option of a solver or an estimator. */
export type OptionField = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Applies only if another option has this value. */
  readonly when?: { readonly name: string; readonly value: string };
} & (
  | (NumberRule & { readonly standard: number })
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly standard: string }
);

/** A solver or estimator whose options the page knows. Unknown plugins get their options as JSON. */
export interface PluginField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly options: readonly OptionField[];
}

const damping: OptionField = {
  name: 'damping',
  label: 'Damping',
  hint: 'Share of the step that is taken; 1 takes all of it.',
  kind: 'number',
  least: 0.01,
  most: 1,
  standard: 1,
};

export const SOLVERS: readonly PluginField[] = [
  {
    name: 'fixed-point',
    label: 'Fixed point',
    hint: 'Puts the output back in, again and again. Always converges, slowly near coefficient 1.',
    options: [damping],
  },
  {
    name: 'anderson',
    label: 'Anderson',
    hint: 'Combines the last iterates so that their residuals cancel.',
    options: [
      {
        name: 'memory',
        label: 'Memory',
        hint: 'Past iterates that are combined, at most.',
        kind: 'integer',
        least: 1,
        most: 30,
        standard: 5,
      },
      damping,
      {
        name: 'regularization',
        label: 'Regularization',
        hint: 'Keeps the least squares solvable.',
        kind: 'number',
        least: 1e-8,
        most: 1,
        standard: 1e-6,
      },
    ],
  },
  {
    name: 'broyden',
    label: 'Broyden',
    hint: 'Learns the inverse Jacobian from the steps it takes.',
    options: [
      {
        name: 'memory',
        label: 'Memory',
        hint: 'Rank-one updates kept, at most.',
        kind: 'integer',
        least: 1,
        most: 100,
        standard: 30,
      },
      {
        name: 'lineSearch',
        label: 'Line search',
        hint: 'Halvings of a step that does not help, at most.',
        kind: 'integer',
        least: 0,
        most: 10,
        standard: 0,
      },
    ],
  },
  {
    name: 'newton',
    label: 'Newton',
    hint: 'Solves with the exact Jacobian at every step: few steps, each of them dear.',
    options: [
      {
        name: 'maxDim',
        label: 'Most dimensions',
        hint: 'Refuses to solve in more; the plane has 2.',
        kind: 'integer',
        least: 2,
        most: 1024,
        standard: 64,
      },
    ],
  },
  {
    name: 'quasi-newton',
    label: 'Quasi-Newton',
    hint: 'The exact Jacobian once, then kept up to date as Broyden does.',
    options: [
      {
        name: 'maxDim',
        label: 'Most dimensions',
        hint: 'Refuses to solve in more; the plane has 2.',
        kind: 'integer',
        least: 2,
        most: 1024,
        standard: 16,
      },
    ],
  },
];

const directions: readonly OptionField[] = [
  {
    name: 'probe',
    label: 'Probes',
    hint: 'Random directions that the trace is measured along.',
    kind: 'choice',
    values: ['rademacher', 'gaussian', 'basis'],
    standard: 'rademacher',
  },
  {
    name: 'probes',
    label: 'Number of probes',
    hint: 'Directions per point: more of them, less noise.',
    kind: 'integer',
    least: 1,
    most: 32,
    standard: 1,
  },
];

const probing: readonly OptionField[] = [
  ...directions,
  {
    name: 'gradient',
    label: 'Gradient',
    hint: 'neumann needs one differentiable product; series differentiates term by term.',
    kind: 'choice',
    values: ['neumann', 'series'],
    standard: 'neumann',
  },
];

export const LOG_DETS: readonly PluginField[] = [
  {
    name: 'exact',
    label: 'Exact',
    hint: 'From the whole Jacobian: right and without noise, for few dimensions.',
    options: [
      {
        name: 'maxDim',
        label: 'Most dimensions',
        hint: 'Refuses more; the plane has 2.',
        kind: 'integer',
        least: 2,
        most: 1024,
        standard: 64,
      },
    ],
  },
  {
    name: 'series',
    label: 'Power series',
    hint: 'Cut off after some terms: a little wrong, always in the same way.',
    options: [
      {
        name: 'terms',
        label: 'Terms',
        hint: 'More terms, less error, more time.',
        kind: 'integer',
        least: 1,
        most: 200,
        standard: 20,
      },
      ...probing,
    ],
  },
  {
    name: 'roulette',
    label: 'Russian roulette',
    hint: 'Cut off at random and weighted: right on average, with noise.',
    options: [
      {
        name: 'exactTerms',
        label: 'Certain terms',
        hint: 'Always computed, before the random ones.',
        kind: 'integer',
        least: 0,
        most: 100,
        standard: 2,
      },
      {
        name: 'distribution',
        label: 'Number of random terms',
        hint: 'The distribution it is drawn from.',
        kind: 'choice',
        values: ['geometric', 'poisson'],
        standard: 'geometric',
      },
      {
        name: 'p',
        label: 'p of the geometric',
        hint: 'Chance to stop at each term.',
        kind: 'number',
        least: 0,
        most: 1,
        open: true,
        standard: 0.5,
        when: { name: 'distribution', value: 'geometric' },
      },
      {
        name: 'lambda',
        label: 'λ of the Poisson',
        hint: 'Mean number of random terms.',
        kind: 'number',
        least: 0.01,
        most: 100,
        standard: 2,
        when: { name: 'distribution', value: 'poisson' },
      },
      ...probing,
    ],
  },
  {
    name: 'solved',
    label: 'Solved probes',
    hint: 'Solves a system for each probe: no noise but the probe’s, and no terms to choose.',
    options: [
      {
        name: 'rtol',
        label: 'Tolerance',
        hint: 'A sample is done when its residual is this small.',
        kind: 'number',
        least: 0,
        most: 1,
        open: true,
        standard: 1e-4,
      },
      {
        name: 'maxSteps',
        label: 'Most steps',
        hint: 'At most this many products; the plane needs 2.',
        kind: 'integer',
        least: 1,
        most: 200,
        standard: 16,
      },
      ...directions,
    ],
  },
];

/** Why the value of an option is not allowed, as {@link numberProblem}. */
export const optionProblem = (value: unknown, field: OptionField): string | undefined => {
  if (field.kind === 'choice')
    return field.values.includes(value as string) ? undefined : `must be one of ${field.values.join(', ')}`;
  return numberProblem(typeof value === 'number' ? value : Number.NaN, field);
};

/** Whether an option applies, given the values of the others. */
export const applies = (
  { when }: OptionField,
  fields: readonly OptionField[],
  options: Readonly<Record<string, unknown>>,
): boolean =>
  when === undefined || (options[when.name] ?? fields.find(({ name }) => name === when.name)?.standard) === when.value;
