import { fromRow, type Key, type Shape } from '@impflow/core';
import { dataKey, runKey } from '@impflow/training';
import { imageBatch } from './augment.ts';
import type { Images } from './images.ts';

/** Inputs of a model (events) that have one shape and are read in blocks, such as images as float32 numbers. */
export interface Events {
  /** Number of events. */
  readonly count: number;
  /** Shape of an event, without the batch axis. */
  readonly shape: Shape;
  /** Returns the values of `count` events, starting with event `first`, as `[count, ...shape]`. */
  read(first: number, count: number): Float32Array;
}

/**
 * Converts the gray levels of images to events. If `key` is given, uniform noise is added, which depends only on the
 * key and the index of an image.
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

/** Converts an array of numbers `[count, dim]` to events. */
export const valueEvents = (values: Float32Array, dim: number): Events => ({
  count: values.length / dim,
  shape: [dim],
  read: (first, count) => values.slice(first * dim, (first + count) * dim),
});

/** Returns the first `most` events. */
export const firstOf = (events: Events, most: number): Events => ({ ...events, count: Math.min(most, events.count) });

/** Returns the random key of the noise on held-out images. */
export const noiseKey = (seed: number, part: 'validation' | 'test'): Key =>
  dataKey(runKey(seed, 'data'), part === 'test' ? 'testNoise' : 'validationNoise');
