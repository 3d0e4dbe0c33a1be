import type { Frame } from '@impflow/tables';

/**
 * Returns the frame with the column names of the model. If the columns of the file or of the model have no names, the
 * columns are matched by their order.
 */
export const withNamesOf = (frame: Frame, names: readonly string[]): Frame => {
  const unnamed = (list: readonly string[]): boolean => list.every((name, i) => name === `x${i}`);
  const own = frame.columns.map(({ name }) => name);
  if (own.length !== names.length || (!unnamed(own) && !unnamed(names))) return frame;
  return {
    ...frame,
    columns: frame.columns.map((column, i) => ({ ...column, name: names[i]! })),
    ...(own.join() === names.join()
      ? {}
      : {
          remarks: [
            ...(frame.remarks ?? []),
            `${unnamed(own) ? `${frame.source} names no columns` : 'The model has no names of columns'}: ${listed(own)} are taken in this order for ${listed(names)}.`,
          ],
        }),
  };
};

const listed = (names: readonly string[]): string => `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
