import { expect, test } from 'vitest';
import { limitsOf, paint, rampOf } from '../src/colors.ts';
import type { Quantity } from '../src/protocol/viewer.ts';

type Three = readonly [number, number, number];

const linearOf = (byte: number): number => {
  const part = byte / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const times = (matrix: readonly Three[], [a, b, c]: Three): Three =>
  matrix.map(([x, y, z]) => x * a + y * b + z * c) as unknown as Three;

/**
 * Converts linear RGB to CIELAB under D65, by the definition of the CIE. The conversion shares no code with the
 * computation of the color ramps.
 */
const lab = (light: Three): Three => {
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    light,
  );
  const [fx, fy, fz] = xyz.map((part, i) => {
    const t = part / [0.95047, 1, 1.08883][i]!;
    return t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
  }) as unknown as Three;
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
};
const light = (color: Three): Three => color.map(linearOf) as unknown as Three;

/**
 * Matrices that simulate full dichromacy in linear sRGB: Machado, Oliveira, Fernandes, A physiologically-based model
 * for simulation of color vision deficiency, 2009, severity 1.
 */
const SIGHTS: Readonly<Record<string, readonly Three[]>> = {
  'full color vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};
const lightnesses = (quantity: Quantity): readonly number[] => rampOf(quantity).map((color) => lab(light(color))[0]);

test.each(['density', 'steps'] as const)('color ramp %s: each color is lighter than the previous color', (quantity) => {
  const l = lightnesses(quantity);
  expect(l.slice(1).filter((value, i) => value <= l[i]!)).toEqual([]);
  expect(l[0]).toBeLessThan(15);
  expect(l[255]).toBeGreaterThan(90);
});

test('color ramp logDet: the middle is nearly white, both ends are equally light, and lightness is monotone in between', () => {
  const l = lightnesses('logDet');
  expect(l.slice(1, 128).filter((value, i) => value <= l[i]!)).toEqual([]);
  expect(l.slice(129).filter((value, i) => value >= l[i + 128]!)).toEqual([]);
  expect(l[127]).toBeGreaterThan(93);
  expect(Math.abs(l[0]! - l[255]!)).toBeLessThan(6);
});

// Two colors can be distinguished if their CIELAB difference is at least about 2.3.
test.each(
  Object.keys(SIGHTS).flatMap((sight) =>
    (['density', 'steps', 'logDet'] as const).map((quantity) => [quantity, sight] as const),
  ),
)('color ramp %s: colors a tenth of the scale apart differ by at least 7 in CIELAB, with %s', (quantity, sight) => {
  const ramp = rampOf(quantity);
  const seen = Array.from({ length: 11 }, (_, i) =>
    lab(
      times(SIGHTS[sight]!, light(ramp[Math.round(25.5 * i)]! as Three)).map((part) =>
        Math.max(0, Math.min(1, part)),
      ) as unknown as Three,
    ),
  );
  const steps = seen.slice(1).map((color, i) => Math.hypot(...color.map((part, k) => part - seen[i]![k]!)));
  expect(Math.min(...steps)).toBeGreaterThan(7);
});

test.each(Object.keys(SIGHTS))(
  'color ramp logDet: colors of opposite values differ by at least 12 in CIELAB, with %s',
  (sight) => {
    const ramp = rampOf('logDet');
    for (let i = 0; i < 110; i++) {
      const [a, b] = [ramp[i]!, ramp[255 - i]!].map((color) =>
        lab(times(SIGHTS[sight]!, light(color as Three)).map((part) => Math.max(0, part)) as unknown as Three),
      ) as [Three, Three];
      expect(Math.hypot(...a.map((part, k) => part - b[k]!))).toBeGreaterThan(12);
    }
  },
);

test('`paint` maps values to the color ramp, clamps values beyond the limits, and paints non-finite values gray', () => {
  const ramp = rampOf('density');
  const pixels = paint(Float32Array.of(-1, 0, 0.5, 1, 2, NaN, Infinity), 'density', 0, 1);
  const colors = Array.from({ length: 7 }, (_, i) => [...pixels.subarray(4 * i, 4 * i + 3)]);
  expect(colors).toEqual([ramp[0], ramp[0], ramp[128], ramp[255], ramp[255], [128, 128, 128], [128, 128, 128]]);
  expect(Array.from({ length: 7 }, (_, i) => pixels[4 * i + 3])).toEqual(Array.from({ length: 7 }, () => 255));
});

test('in the color ramp logDet, the neutral color means 0 for all limits of the scale', () => {
  const ramp = rampOf('logDet');
  for (const [low, high] of [
    [-1, 3],
    [-4, 0.5],
    [0, 0],
    [-2, 2],
  ] as const)
    expect([...paint(Float32Array.of(0), 'logDet', low, high)].slice(0, 3)).toEqual(ramp[128]);
  expect(limitsOf('logDet', -1, 3)).toEqual([-3, 3]);
  expect(limitsOf('steps', 2, 9)).toEqual([2, 9]);
});

test('if both limits of the scale are equal, all values get the same color', () => {
  const pixels = paint(Float32Array.of(3, 3), 'steps', 3, 3);
  expect([...pixels]).toEqual([...rampOf('steps')[0]!, 255, ...rampOf('steps')[0]!, 255]);
});
