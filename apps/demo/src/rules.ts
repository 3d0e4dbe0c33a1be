// Limits of the options. The controls of the page and the reader of the page's address use the same limits.

/** Rule that a number in an input field must satisfy. */
export interface NumberRule {
  readonly kind: 'integer' | 'number';
  readonly least: number;
  readonly most: number;
  /** Whether the values `least` and `most` themselves are forbidden. */
  readonly open?: boolean;
  /** Allowed values outside the limits, such as 0 for "all". */
  readonly also?: readonly number[];
}

export const RULES = {
  noise: { kind: 'number', least: 0, most: 1000 },
  /** Number of training rows. 0 means all rows; for a toy density, 0 means new rows at every step. */
  size: { kind: 'integer', least: 50, most: 200_000, also: [0] },
  blocks: { kind: 'integer', least: 1, most: 32 },
  width: { kind: 'integer', least: 1, most: 1024 },
  coeff: { kind: 'number', least: 0.1, most: 0.99 },
  seed: { kind: 'integer', least: 0, most: 2 ** 31 - 1 },
  batch: { kind: 'integer', least: 8, most: 4096 },
  steps: { kind: 'integer', least: 10, most: 1_000_000, also: [0] },
  learningRate: { kind: 'number', least: 1e-6, most: 1 },
  samples: { kind: 'integer', least: 1, most: 100_000 },
} as const satisfies Readonly<Record<string, NumberRule>>;

/** Largest number of hidden layers of a net. */
const MOST_LAYERS = 6;

/** Returns why a number is not allowed, as a phrase that begins with "must", or undefined if the number is allowed. */
export const numberProblem = (
  value: number,
  { kind, least, most, open = false, also = [] }: NumberRule,
): string | undefined => {
  if (also.includes(value)) return undefined;
  const inside = open ? value > least && value < most : value >= least && value <= most;
  if (inside && (kind === 'number' || Number.isInteger(value))) return undefined;
  const either = also.map((other) => `${other}, or `).join('');
  const noun = kind === 'integer' ? 'a whole number' : 'a number';
  return `must be ${either}${noun} ${open ? `greater than ${least} and less than ${most}` : `from ${least} to ${most}`}`;
};

/**
 * Parses a number. Returns the number, or the problem if the text is not an allowed number. A decimal comma is
 * accepted.
 */
export const parseNumber = (
  text: string,
  rule: NumberRule,
): { readonly value: number } | { readonly problem: string } => {
  const value = NUMBER.test(text.trim()) ? Number(text.trim().replace(',', '.')) + 0 : Number.NaN; // turns -0 into 0
  const problem = numberProblem(value, rule);
  return problem === undefined ? { value } : { problem };
};
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/**
 * Parses widths such as `64, 64`. Returns the widths, or the problem if the text is not allowed. An activation that
 * sorts pairs of units needs even widths.
 */
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

/** Returns why the widths of the hidden layers are not allowed, or undefined if the widths are allowed. */
const widthsProblem = (widths: readonly number[], activation: string): string | undefined => {
  if (widths.length < 1 || widths.length > MOST_LAYERS)
    return `must be 1 to ${MOST_LAYERS} whole numbers, such as 64, 64`;
  const wrong = widths.map((width) => numberProblem(width, RULES.width)).find((problem) => problem !== undefined);
  if (wrong !== undefined) return `must each be ${wrong.slice('must be '.length)}`;
  return activation === 'maxMin' && widths.some((width) => width % 2 !== 0)
    ? 'must be even for maxMin, which compares neighbors in pairs'
    : undefined;
};
