import type { BackendName, ModelKind, NetKind } from './config.ts';

// The options with their labels and limits. Controls and the address of the page use the same rules.

/** Rule for a number. */
export interface NumberRule {
  readonly kind: 'integer' | 'number';
  readonly least: number;
  readonly most: number;
  /** Whether the limits themselves are excluded. */
  readonly open?: boolean;
  /** Allowed values outside the limits, such as 0 for "all". */
  readonly also?: readonly number[];
}

export const RULES = {
  noise: { kind: 'number', least: 0, most: 1000 },
  /** 0: all rows; for a toy, new rows at every step. */
  size: { kind: 'integer', least: 50, most: 200_000, also: [0] },
  blocks: { kind: 'integer', least: 1, most: 32 },
  width: { kind: 'integer', least: 1, most: 1024 },
  coeff: { kind: 'number', least: 0.1, most: 0.99 },
  seed: { kind: 'integer', least: 0, most: 2 ** 31 - 1 },
  batch: { kind: 'integer', least: 8, most: 4096 },
  learningRate: { kind: 'number', least: 1e-6, most: 1 },
  samples: { kind: 'integer', least: 1, most: 100_000 },
} as const satisfies Readonly<Record<string, NumberRule>>;

/** Hidden layers of a net. */
export const MOST_LAYERS = 6;

/** Why a number is not allowed, as the end of a sentence that begins with its name; undefined if it is allowed. */
export const problemOf = (
  value: number,
  { kind, least, most, open = false, also = [] }: NumberRule,
): string | undefined => {
  if (also.includes(value)) return undefined;
  const inside = open ? value > least && value < most : value >= least && value <= most;
  if (inside && (kind === 'number' || Number.isInteger(value))) return undefined;
  const either = also.map((other) => `${other}, or `).join('');
  const noun = kind === 'integer' ? 'a whole number' : 'a number';
  return `must be ${either}${noun} ${open ? `between ${least} and ${most}, neither of them` : `from ${least} to ${most}`}`;
};

/** Parses a number, or returns the problem. A decimal comma is accepted. */
export const parseNumber = (
  text: string,
  rule: NumberRule,
): { readonly value: number } | { readonly problem: string } => {
  const value = NUMBER.test(text.trim()) ? Number(text.trim().replace(',', '.')) + 0 : Number.NaN; // + 0: no negative zero
  const problem = problemOf(value, rule);
  return problem === undefined ? { value } : { problem };
};
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/** Parses widths such as `64, 64`, or returns the problem. Activations that sort pairs need even widths. */
export const parseWidths = (
  text: string,
  activation: string,
): { readonly value: readonly number[] } | { readonly problem: string } => {
  const value = text
    .split(/[\s,;x-]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  const problem = widthsProblem(value, activation);
  return problem === undefined ? { value } : { problem };
};

/** {@link problemOf} for the widths of the hidden layers. */
export const widthsProblem = (widths: readonly number[], activation: string): string | undefined => {
  if (widths.length < 1 || widths.length > MOST_LAYERS)
    return `must be 1 to ${MOST_LAYERS} whole numbers, such as 64, 64`;
  const wrong = widths.map((width) => problemOf(width, RULES.width)).find((problem) => problem !== undefined);
  if (wrong !== undefined) return `must each be ${wrong.slice('must be '.length)}`;
  return activation === 'maxMin' && widths.some((width) => width % 2 !== 0)
    ? 'must be even for maxMin, which compares neighbors in pairs'
    : undefined;
};

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

/** Why the value of an option is not allowed, as {@link problemOf}. */
export const optionProblem = (value: unknown, field: OptionField): string | undefined => {
  if (field.kind === 'choice')
    return field.values.includes(value as string) ? undefined : `must be one of ${field.values.join(', ')}`;
  return problemOf(typeof value === 'number' ? value : Number.NaN, field);
};

/** Whether an option applies, given the values of the others. */
export const applies = (
  { when }: OptionField,
  fields: readonly OptionField[],
  options: Readonly<Record<string, unknown>>,
): boolean =>
  when === undefined || (options[when.name] ?? fields.find(({ name }) => name === when.name)?.standard) === when.value;

/** Activations of the library, each with a hint. */
export const ACTIVATIONS: Readonly<Record<string, string>> = {
  sin: 'Sine: the one of the paper’s pictures.',
  snake: 'Climbs in steps: the one of sandwich nets.',
  lipSwish: 'Smooth and learnable: the one of residual flows.',
  elu: 'Exponential below zero, straight above.',
  celu: 'As elu, with a continuous slope.',
  tanh: 'Flattens on both sides.',
  softplus: 'A smooth ramp.',
  relu: 'A ramp: densities come out in flat pieces.',
  leakyRelu: 'A ramp that leaks below zero.',
  maxMin: 'Sorts pairs of neighbors: keeps every gradient’s length. Widths must be even.',
  fullSort: 'Sorts the whole layer. Slow.',
  lipschitzCube: 'A cube near zero, slope 1 far from it.',
  identity: 'None at all: the nets are then linear.',
};

/** Activations with slopes from 0 to 1, which sandwich nets need. */
const MONOTONE: readonly string[] = [
  'snake',
  'elu',
  'celu',
  'tanh',
  'softplus',
  'relu',
  'leakyRelu',
  'lipschitzCube',
  'identity',
];

/** Whether a kind of net can use an activation. */
export const fits = (activation: string, net: NetKind = 'spectral'): boolean =>
  net === 'spectral' || MONOTONE.includes(activation);

export const NET_WORDS: Readonly<
  Record<NetKind, { readonly label: string; readonly hint: string; readonly coeff: string }>
> = {
  spectral: {
    label: 'Capped layers',
    hint: 'The norm of each layer is capped. A whole net then stays well below the product of its caps.',
    coeff: 'Cap on the spectral norm of each layer. Near 1 the blocks bend more, and solving takes longer.',
  },
  sandwich: {
    label: 'Sandwich',
    hint: 'Layers made so that the whole net reaches its bound: it bends more with as many parameters, and learns with larger steps.',
    coeff: 'Bound on the slope of each net. Near 1 the blocks bend more, and solving takes longer.',
  },
};

export const KIND_WORDS: Readonly<Record<ModelKind, { readonly label: string; readonly hint: string }>> = {
  implicit: {
    label: 'Implicit',
    hint: 'z + gz(z) = x + gx(x): a residual map, then the inverse of another. Both ways are solved for.',
  },
  residual: {
    label: 'Residual',
    hint: 'z = x + g(x): slopes stay below 2. Two of them for each block, so that there are as many nets.',
  },
  coupling: {
    label: 'Coupling',
    hint: 'One coordinate scales and shifts the other (Real NVP). Nothing to solve, no Lipschitz caps.',
  },
};

export const BACKEND_WORDS: Readonly<Record<BackendName, { readonly label: string; readonly hint: string }>> = {
  wasm: {
    label: 'wasm',
    hint: 'WebAssembly on the processor, with kernels of our own. The fastest for models of this size.',
  },
  webgl: {
    label: 'WebGL',
    hint: 'The graphics card through WebGL. Only wide layers and large batches gain; the first step compiles for a while.',
  },
  webgpu: {
    label: 'WebGPU',
    hint: 'The graphics card through WebGPU, where the browser has it. The first step compiles for a while.',
  },
  cpu: { label: 'Plain JavaScript', hint: 'Works everywhere, slowly.' },
};

export const TOY_WORDS: Readonly<Record<string, string>> = {
  moons: 'Two moons',
  swissroll: 'Swiss roll',
  circles: 'Two circles',
  rings: 'Four rings',
  '2spirals': 'Two spirals',
  checkerboard: 'Checkerboard',
  '8gaussians': 'Eight Gaussians',
  pinwheel: 'Pinwheel',
};
export const PLACE_WORDS: Readonly<Record<string, string>> = {
  earthquakes: 'Earthquakes of one week',
  zipcodes: 'Zip codes of the United States',
};
