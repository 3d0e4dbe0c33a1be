/**
 * Formats a number with `digits` significant digits and with thousands separators. Very large and very small numbers
 * are written with a power of ten. `undefined` is written as `-`.
 */
export const number = (x: number | undefined, digits = 4): string => {
  if (x === undefined) return '-';
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? 'infinity' : '-infinity';
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size < 1e-3 || size >= 1e9)
    return x
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  if (Number.isInteger(x)) return x.toLocaleString('en');
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return x.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
};

/**
 * Formats a number with its standard error, as `18.234 ± 0.074`. The error has two significant digits, and the number
 * has as many decimals as the error.
 */
export const withError = (x: number, error: number): string => {
  const rounded = Number(error.toPrecision(2));
  if (!Number.isFinite(x) || Math.abs(x) >= 1e9 || !(rounded > 1e-9) || rounded >= 1e9)
    return `${number(x, 5)} ± ${number(error, 2)}`;
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(rounded)));
  // The sum with 0 removes the sign of a zero.
  const text = (value: number): string =>
    (Number(value.toFixed(decimals)) + 0).toLocaleString('en', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  return `${text(x)} ± ${text(rounded)}`;
};

/** Formats a duration as `0:42`, `3:05` or `1:02:03`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};
