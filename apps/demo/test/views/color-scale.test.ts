import { describe, expect, it } from 'vitest';
import { placeBytes } from '../../build/places.ts';
import { paint } from '../../src/colors.ts';
import { TOYS, type PLACES } from '../../src/config.ts';
import type { DataView } from '../../src/protocol/data.ts';
import type { MapImage } from '../../src/protocol/viewer.ts';
import { DEFAULT_VIEW } from '../../src/state/url.ts';
import { painted, scaleOf } from '../../src/views/color-scale.ts';
import { prepare, viewOf } from '../../src/workers/data/prepare.ts';

const viewed = async (kind: 'toy' | 'place', name: string): Promise<DataView> =>
  viewOf(
    await prepare({ choice: { kind, name, noise: 0, size: 0 }, seed: 0 }, async () => {
      const { bytes, count, columns, about } = await placeBytes(name as (typeof PLACES)[number]);
      const rows = new Float32Array(bytes.buffer as ArrayBuffer, 0, 2 * count);
      return { columns: columns as [string, string], rows, about };
    }),
  );

describe('the scale of the colors of densities', () => {
  it('colors are linear where most places are of the same brightness', async () => {
    for (const name of TOYS) expect(scaleOf(DEFAULT_VIEW, await viewed('toy', name)), name).toBe('linear');
    expect(scaleOf(DEFAULT_VIEW, await viewed('place', 'zipcodes'))).toBe('linear');
    expect(scaleOf(DEFAULT_VIEW, undefined)).toBe('linear');
  });

  it('the colors of the earthquakes are logarithmic, unless the visitor chooses another scale', async () => {
    const data = await viewed('place', 'earthquakes');
    expect(scaleOf(DEFAULT_VIEW, data)).toBe('logarithmic');
    expect(scaleOf({ ...DEFAULT_VIEW, colors: 'linear' }, data)).toBe('linear');
  });
});

describe('painted maps', () => {
  const mapOf = (values: readonly number[], high: number, quantity: MapImage['quantity'] = 'density'): MapImage => ({
    quantity,
    region: [
      [0, 1],
      [0, 1],
    ],
    side: 2,
    values: Float32Array.from(values),
    pixels: paint(Float32Array.from(values), quantity, 0, high),
    low: 0,
    high,
    step: 1,
  });
  // Not exactly a tenth, so that the colors do not depend on rounding.
  const [faint, bright] = [mapOf([0, 1.01e-3, 1.01e-1, 1], 1), mapOf([0, 1, 5, 10], 10)];
  const reds = ({ pixels }: { readonly pixels: Uint8ClampedArray }): readonly string[] =>
    Array.from({ length: 4 }, (_, i) => pixels.subarray(4 * i, 4 * i + 3).join());

  it('two maps share one scale; a map that already has this scale keeps its pixels', () => {
    expect(painted(bright, [faint, bright], 'linear').pixels).toBe(bright.pixels);
    const shared = painted(faint, [faint, bright], 'linear');
    expect([shared.low, shared.high]).toEqual([0, 10]);
    expect(reds(shared)[3]).toBe(reds(bright)[1]);
    expect(painted(faint, [faint, bright], 'linear')).toBe(shared);
  });

  it('on a logarithmic scale of four decades, a tenth of the density is a quarter of the ramp further down', () => {
    const log = painted(faint, [faint], 'logarithmic');
    expect([log.low, log.high, log.scale]).toEqual([1e-4, 1, 'logarithmic']);
    const ramp = paint(Float32Array.from([0, 1.005, 3.005, 4]), 'density', 0, 4);
    expect(reds(log)).toEqual(reds({ pixels: ramp }));
  });

  it('only densities have a logarithmic scale', () => {
    expect(painted(mapOf([1, 2, 3, 4], 4, 'steps'), [], 'logarithmic').scale).toBe('linear');
  });
});
