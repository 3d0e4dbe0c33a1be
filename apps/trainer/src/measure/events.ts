import { fromRow, sizeOf, type Key, type Shape } from '@impflow/core';
import { imageBatch, type Images, type Table } from '@impflow/data';

/** Events of one shape, rows or images, read a block at a time. */
export interface Events {
  readonly count: number;
  readonly shape: Shape;
  /** `[count, ...shape]`, from the event `first` on. */
  read(first: number, count: number): Float32Array;
}

/** The rows of a table. */
export const rowEvents = ({ values, columns }: Pick<Table, 'values' | 'columns'>): Events => valueEvents(values, [columns.length]);

/** Numbers that are in memory already. */
export const valueEvents = (values: Float32Array, shape: Shape): Events => {
  const size = sizeOf(shape);
  return { count: values.length / size, shape, read: (first, count) => values.slice(first * size, (first + count) * size) };
};

/** Images as grey levels; with a key those of a density, under noise that depends on the key and the place of an image alone. */
export const imageEvents = (images: Images, key?: Key): Events => ({
  count: images.count,
  shape: images.shape,
  read: (first, count) => imageBatch(images, Uint32Array.from({ length: count }, (_, i) => first + i), {
    key: fromRow(key ?? { high: 0, low: 0 }, first), noise: key !== undefined,
  }).values,
});

/** The first of them. */
export const firstOf = (events: Events, most: number): Events => ({ ...events, count: Math.min(most, events.count) });
