import { fileURLToPath } from 'node:url';
import { fold, key } from '@impflow/core';
import { toy } from '@impflow/tables/toys';
import { realDatasets } from '@impflow/trainer/real';
import type { Plugin } from 'vite';
import { PLACES, TOYS } from '../src/config.ts';
import { pairsOf } from './places.ts';

/**
 * Path of the module that this vite plugin generates. The module itself is not a file on disk. Only its type
 * declarations, `thumbnail-points.d.ts`, are a file.
 */
const MODULE = fileURLToPath(new URL('../src/ui/thumbnail-points.js', import.meta.url));
/** Number of points in the thumbnail picture of a data set. */
const POINTS = 110;

/**
 * Returns some points of a data set as `x, y, x, y, ...`. Each coordinate is a byte: 0 and 255 are opposite sides of
 * the picture.
 */
export const thumbnail = async (name: string): Promise<Uint8Array> => {
  const isToy = (TOYS as readonly string[]).includes(name);
  const rows = isToy
    ? toy(name).sample(fold(key(0), 1), POINTS)
    : spread(pairsOf(await realDatasets[name as (typeof PLACES)[number]].load()));
  const sides = [0, 1].map((axis) => {
    const along = rows.filter((_, i) => i % 2 === axis);
    return isToy ? [-4.2, 4.2] : [Math.min(...along), Math.max(...along)];
  });
  return Uint8Array.from(rows, (value, i) => {
    const [low, high] = sides[i % 2] as [number, number];
    const share = Math.max(0, Math.min(1, (value - low) / (high - low)));
    return Math.round(255 * (i % 2 === 0 ? share : 1 - share));
  });
};

const spread = (values: ArrayLike<number>): Float32Array => {
  const rows = values.length / 2;
  return Float32Array.from(
    { length: 2 * POINTS },
    (_, i) => values[2 * Math.floor(((i >> 1) * rows) / POINTS) + (i & 1)]!,
  );
};

/**
 * Vite plugin that generates a module with the thumbnail points of all data sets. The module has a size of a few
 * kilobytes.
 */
export const thumbnails = (): Plugin => ({
  name: 'thumbnails',
  resolveId: (id) => (id.endsWith('/thumbnail-points.js') ? MODULE : undefined),
  async load(id) {
    if (id !== MODULE) return undefined;
    const entries = await Promise.all(
      [...TOYS, ...PLACES].map(async (name) => [name, Buffer.from(await thumbnail(name)).toString('base64')] as const),
    );
    return `export const thumbnailPoints = Object.freeze(${JSON.stringify(Object.fromEntries(entries))});`;
  },
});
