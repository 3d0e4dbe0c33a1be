import { fromRow, sizeOf, type Key, type Shape } from '@impflow/core';
import type { Table } from '@impflow/tables';
import { imageBatch, type Images } from '@impflow/vision';

/**
 * Rows or images of one shape, read a block at a time. An event is a row or an image, without the batch axis.
 */
export interface Events {
  /** Number of events. */
  readonly count: number;
  /** Shape of an event. */
  readonly shape: Shape;
  /** Numbers `[count, ...shape]` of the events from `first` on. */
  read(first: number, count: number): Float32Array;
}

/** The rows of a table as events. */
export const rowEvents = ({ values, columns }: Pick<Table, 'values' | 'columns'>): Events =>
  valueEvents(values, [columns.length]);

/** Numbers `[count, ...shape]` in memory as events. */
export const valueEvents = (values: Float32Array, shape: Shape): Events => {
  const size = sizeOf(shape);
  return {
    count: values.length / size,
    shape,
    read: (first, count) => values.slice(first * size, (first + count) * size),
  };
};

/**
 * The gray levels of images as events. With `key`, uniform noise is added, which depends on the key and the place of an
 * image only.
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

/** The first `most` events. */
export const firstOf = (events: Events, most: number): Events => ({ ...events, count: Math.min(most, events.count) });
