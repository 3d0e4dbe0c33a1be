export interface Tick {
  readonly at: number;
  readonly label: string;
}

/**
 * Returns the ticks of an axis from `low` to `high`, at multiples of 1, 2 or 5 times a power of ten. The result has at
 * least 2 and at most `most` ticks. The result is empty unless `high - low` is positive and finite.
 */
export const ticksOf = (low: number, high: number, most = 6): readonly Tick[] => {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const step = stepOf(span / Math.max(1, most - 1));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => {
    // The position of a tick is computed as a product instead of a sum, so that the tick at 0 is exactly 0.
    const at = (first + i) * step;
    return { at, label: tickLabel(at, step) };
  });
};

/** Returns the smallest number of the form 1, 2 or 5 times a power of ten that is at least `least`. */
const stepOf = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? 10 * power;
};

const tickLabel = (at: number, step: number): string => {
  if (at === 0) return '0';
  if (Math.abs(at) >= 1e6 || step < 1e-4) return power(at, 1 + Math.max(0, exponentOf(at) - exponentOf(step)));
  return withMinus(at.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
};

/**
 * Formats a number for display, with `digits` significant digits, without trailing zeros, and with a typographic minus
 * sign.
 */
export const format = (value: number, digits = 3): string => {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? 'no number' : withMinus(String(value).replace('Infinity', '∞'));
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-4 || size >= 1e7) return power(value, digits);
  if (size >= 10 ** digits) return withMinus(value.toFixed(0));
  return withMinus(value.toPrecision(digits));
};

const exponentOf = (value: number): number => Math.floor(Math.log10(Math.abs(value)) + 1e-9);

/** Formats a number in scientific notation, such as `3.1·10⁻⁷`. */
const power = (value: number, digits: number): string => {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
  return `${withMinus(mantissa)}·10${raised(Number(exponent))}`;
};

/** Formats an integer as a superscript, such as `⁻⁷`. */
export const raised = (exponent: number): string => [...String(exponent)].map((c) => RAISED[c] ?? c).join('');
const RAISED: Readonly<Record<string, string>> = Object.fromEntries(
  [...'0123456789-'].map((c, i) => [c, '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'[i]!]),
);

/** Formats a number with `decimals` digits after the decimal point. */
export const fixed = (value: number, decimals: number): string =>
  Number.isFinite(value) ? withMinus(value.toFixed(decimals)) : format(value);

const withMinus = (text: string): string => text.replaceAll('-', '−');

/** Formats an integer with thousands separators, such as `12,800`. */
export const count = (value: number): string => value.toLocaleString('en');
