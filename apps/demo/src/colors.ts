import type { Quantity } from './protocol/viewer.ts';

/** An sRGB color: red, green and blue, each from 0 to 255. */
export type Rgb = readonly [number, number, number];

/**
 * Returns the color ramp of a quantity: 256 colors, ordered from the lowest to the highest value. The ramp of `density`
 * runs from dark violet over blue and green to light yellow. The ramp of `steps` runs from dark brown over copper to
 * cream. In the ramps of `density` and `steps` each color is lighter than the previous color, so these two ramps are
 * readable in grayscale and for color-blind people. The ramp of `logDet` runs from blue over near-white, which means 0,
 * to orange. Each call computes all 256 colors anew, which takes about a millisecond.
 */
export const rampOf = (quantity: Quantity): readonly (readonly [number, number, number])[] =>
  Array.from({ length: SIZE }, (_, i) => RAMPS[quantity](i / (SIZE - 1)));
const SIZE = 256;

// The arguments of `oklch` are lightness, chroma and hue. Lightness is linear in the value. Hue changes along the
// shorter arc of the color circle. The requested chroma is higher than sRGB can represent for some of the colors. For
// these colors `oklch` reduces the chroma.
const RAMPS: Readonly<Record<Quantity, (t: number) => Rgb>> = {
  density: (t) => oklch(0.17 + 0.79 * t, 0.13 - 0.04 * Math.sin(Math.PI * t) + 0.05 * t ** 3, 300 - 195 * t),
  steps: (t) => oklch(0.17 + 0.8 * t, 0.02 + 0.13 * Math.sin(Math.PI * t) ** 0.7, 30 + 60 * t),
  logDet: (t) => {
    const away = Math.abs(2 * t - 1);
    return oklch(0.96 - 0.52 * away, 0.19 * away ** 0.8, t < 0.5 ? 255 : 55);
  },
};

/** Color of NaN and infinities: a gray that does not occur in the color ramps. */
const NO_VALUE: Rgb = [128, 128, 128];

/**
 * Returns the limits of the color scale. For `logDet` the limits are symmetric about 0, so the neutral color always
 * means 0.
 */
export const limitsOf = (quantity: Quantity, low: number, high: number): readonly [number, number] => {
  if (quantity !== 'logDet') return [low, high];
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return [-reach, reach];
};

/**
 * Returns the RGBA bytes of each value, for an `ImageData`. Values beyond the limits get the first or last color of the
 * ramp, and non-finite values get gray. A `[256, 256]` map takes about 0.3 ms.
 */
export const paint = (
  values: Float32Array,
  quantity: Quantity,
  low: number,
  high: number,
): Uint8ClampedArray<ArrayBuffer> => {
  const table = tableOf(quantity);
  const [from, to] = limitsOf(quantity, low, high);
  const flat = !(to > from);
  const scale = flat ? 0 : SIZE / (to - from);
  const first = flat && quantity === 'logDet' ? SIZE / 2 : 0;
  const pixels = new Uint8ClampedArray(4 * values.length);
  const words = new Uint32Array(pixels.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // `x - x` is NaN if x is NaN or infinite.
    if (value - value !== 0) words[i] = table[SIZE]!;
    else words[i] = table[Math.max(0, Math.min(SIZE - 1, Math.floor(first + (value - from) * scale)))]!;
  }
  return pixels;
};

/**
 * Returns the ramp as 32-bit words in the machine's byte order, followed by the color of non-finite values. The table
 * is cached, because pictures are drawn up to ten times a second.
 */
const tableOf = (quantity: Quantity): Uint32Array => {
  const kept = tables.get(quantity);
  if (kept !== undefined) return kept;
  const bytes = new Uint8ClampedArray([...rampOf(quantity), NO_VALUE].flatMap((color) => [...color, 255]));
  const table = new Uint32Array(bytes.buffer);
  tables.set(quantity, table);
  return table;
};
const tables = new Map<Quantity, Uint32Array>();

/**
 * Returns the sRGB color for a lightness in `[0, 1]`, a chroma and a hue in degrees. If sRGB cannot show the color, the
 * chroma is reduced and the lightness is kept.
 *
 * @see Ottosson, A perceptual color space for image processing, 2020 (OKLab).
 */
export const oklch = (lightness: number, chroma: number, hue: number): Rgb => {
  const [cos, sin] = [Math.cos((hue * Math.PI) / 180), Math.sin((hue * Math.PI) / 180)];
  let [inside, outside] = [0, chroma];
  if (shown(linear(lightness, chroma * cos, chroma * sin))) inside = chroma;
  else {
    for (let i = 0; i < 12; i++) {
      const middle = (inside + outside) / 2;
      if (shown(linear(lightness, middle * cos, middle * sin))) inside = middle;
      else outside = middle;
    }
  }
  const [r, g, b] = linear(lightness, inside * cos, inside * sin);
  return [encode(r), encode(g), encode(b)];
};

const shown = (color: Rgb): boolean => color.every((part) => part >= -1e-4 && part <= 1.0001);

/** Converts an OKLab color to linear sRGB. */
const linear = (lightness: number, a: number, b: number): Rgb => {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
};

/** Applies the transfer curve of sRGB (IEC 61966-2-1) and scales the result to a byte. */
const encode = (part: number): number => {
  const light = Math.max(0, Math.min(1, part));
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
};
