import { fromRow, type Key, type Shape } from '@impflow/core';
import { dataKey, runKey } from '@impflow/training';
import { imageBatch } from './augment.ts';
import type { Images } from './images.ts';

/** Events of one shape that are read in blocks, such as images as float32 numbers. */
export interface Events {
  /** Number of events. */
  readonly count: number;
  /** Shape of an event, without the batch axis. */
  readonly shape: Shape;
  /** Returns the numbers of `count` events from `first` on, `[count, ...shape]`. */
  read(first: number, count: number): Float32Array;
}

/**
 * Makes events from the gray levels of images. With `key`, adds uniform noise, which depends only on the key and the
 * index of an image.
 */
export const imageEvents = (images: Images, key?: Key): Events => ({
  count: images.count,
  shape: images.shape,
  read: (first, count) =>
    imageBatch(
      images,
      Uint32Array.from({ length: count }, (_, i) => first + i),
      { key: fromRow(key ?? { high: 0, low: 0 }, first), noise: key !== undefined },
    ).values,
});

/** Makes events from numbers `[count, dim]` in memory. */
export const valueEvents = (values: Float32Array, dim: number): Events => ({
  count: values.length / dim,
  shape: [dim],
  read: (first, count) => values.slice(first * dim, (first + count) * dim),
});

/** The first `most` events. */
export const firstOf = (events: Events, most: number): Events => ({ ...events, count: Math.min(most, events.count) });

/** Returns the key of the noise of held-out images. */
export const noiseKey = (seed: number, part: 'validation' | 'test'): Key =>
  dataKey(runKey(seed, 'data'), part === 'test' ? 'testNoise' : 'validationNoise');
