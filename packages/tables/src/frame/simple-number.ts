/** A decimal sign: a point or a comma. */
export type Decimal = '.' | ',';

/** A double represents each whole number of up to this many digits exactly. */
const MOST_DIGITS = 15;
/**
 * Powers of ten that a double represents exactly. A division by one of these powers gives the same rounded result as
 * `Number`.
 */
const POWERS: readonly number[] = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => Number(`1e${power}`));

const [PLUS, MINUS, ZERO, NINE] = [43, 45, 48, 57];

/**
 * Returns the number in a cell that consists of at most 15 digits, optionally with a sign and a decimal sign, without
 * spaces. The result is bit-identical to the result of `Number`. Returns NaN for a cell of any other form, even if the
 * cell is a number.
 *
 * @remarks This function is five times as fast as a regular expression and `Number`.
 */
export const simpleNumber = (cell: string, decimal: Decimal): number => {
  const { length } = cell;
  // Besides 15 digits, a cell may contain a sign and a decimal sign.
  if (length > MOST_DIGITS + 2) return NaN;
  const point = decimal === '.' ? 46 : 44;
  const first = cell.charCodeAt(0);
  const start = first === MINUS || first === PLUS ? 1 : 0;
  let [whole, digits, after] = [0, 0, -1];
  for (let i = start; i < length; i++) {
    const code = cell.charCodeAt(i);
    if (code >= ZERO && code <= NINE) {
      whole = 10 * whole + (code - ZERO);
      digits++;
    } else if (code === point && after < 0) after = i;
    else return NaN;
  }
  if (digits === 0 || digits > MOST_DIGITS) return NaN;
  const value = after < 0 ? whole : whole / POWERS[length - 1 - after]!;
  return first === MINUS ? -value : value;
};

/**
 * Whether `String(value)` equals the cell from which {@link simpleNumber} has read `value` with a decimal point. For
 * numbers below 1e-6 in magnitude, the result may be false although the strings are equal.
 */
export const isPlain = (cell: string, value: number): boolean => {
  const start = cell.charCodeAt(0) === MINUS ? 1 : 0;
  if (value === 0) return cell === '0';
  if (Math.abs(value) < 1e-6 || cell.charCodeAt(0) === PLUS) return false;
  const point = cell.indexOf('.');
  const wholes = (point < 0 ? cell.length : point) - start;
  if (wholes === 0 || (wholes > 1 && cell.charCodeAt(start) === ZERO)) return false;
  const last = cell.charCodeAt(cell.length - 1);
  return point < 0 || (last > ZERO && last <= NINE);
};
