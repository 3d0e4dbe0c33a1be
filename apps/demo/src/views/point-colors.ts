import { format } from '../axes.ts';
import { oklch } from '../colors.ts';
import type { PointColors } from '../protocol/data.ts';

/**
 * Colors of the categories of points. All colors differ visibly from each other, from the colors of maps and from the
 * pink color of samples.
 */
const CATEGORIES = ['#ffffff', '#ff9a3d', '#5cc8ff', '#d8f24a', '#ff5a4d', '#b79bff', '#2fd6a4', '#ffe08a'] as const;
/** Color of points whose value is missing. */
const NO_VALUE = '#8b93a1';
/** Number of different colors for a column of numbers. */
const SHADES = 8;
/**
 * Fraction of the numbers that lie below the color scale. An equal fraction of the numbers lies above the color scale.
 */
const TAIL = 0.02;

/** The colors of points, and the meaning of each color. */
interface Coloring {
  readonly colors: readonly string[];
  /** Index into `colors` of the color of each point. */
  readonly kinds: Uint8Array;
  /** Meaning of each color that occurs in the picture. */
  readonly legend: readonly { readonly color: string; readonly label: string }[];
}

/**
 * Returns the colors of points according to a column. For a column of numbers, the color scale runs from dark blue at
 * the 2 % quantile to light orange at the 98 % quantile.
 */
export const coloringOf = ({ values, categories }: PointColors): Coloring => {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const low = sorted[Math.floor(TAIL * (sorted.length - 1))] ?? 0;
  const high = sorted[Math.ceil((1 - TAIL) * (sorted.length - 1))] ?? 1;
  const shades = categories === undefined ? SHADES : Math.min(CATEGORIES.length, categories.length);
  const colors = [
    ...(categories === undefined
      ? Array.from({ length: SHADES }, (_, i) => shade(i / (SHADES - 1)))
      : CATEGORIES.slice(0, shades)),
    NO_VALUE,
  ];
  const kindOf = (value: number): number => {
    if (Number.isNaN(value)) return shades;
    if (categories !== undefined) return value;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return Math.max(0, Math.min(SHADES - 1, Math.floor(share * SHADES)));
  };
  const kinds = Uint8Array.from(values, kindOf);
  const labels =
    categories ??
    Array.from({ length: SHADES }, (_, i) => (i === 0 ? format(low) : i === SHADES - 1 ? format(high) : ''));
  const legend = colors
    .map((color, kind) => ({ color, label: kind === shades ? 'no value' : labels[kind]!, kind }))
    .filter(({ kind }) => (categories === undefined && kind < shades) || kinds.includes(kind));
  return { colors, kinds, legend };
};

/** Returns the CSS color at a position from 0 to 1 on the color scale. Colors of larger numbers are lighter. */
const shade = (share: number): string =>
  `rgb(${oklch(0.5 + 0.45 * share, 0.15 - 0.04 * share, 265 + 155 * share).join(' ')})`;
