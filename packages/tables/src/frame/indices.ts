import { FlowError, nearest } from '@impflow/core';
import type { Frame } from './frame.ts';
import { listed } from './printable.ts';

/**
 * Checks that all row indices are below the number of rows.
 *
 * @throws `input` for an index that is too large.
 */
export const assertIndices = (
  at: string,
  { rows, source }: Pick<Frame, 'rows' | 'source'>,
  indices: Uint32Array,
): void => {
  const outside = indices.find((row) => row >= rows);
  if (outside === undefined) return;
  throw new FlowError('input', at, `No such row in ${source}`, {
    expected: `indices below ${rows}`,
    got: String(outside),
  });
};

/**
 * Returns the column index of each name.
 *
 * @throws `input` for an unknown name (with the nearest known name), a name given twice, or an empty list.
 */
export const columnIndices = (
  at: string,
  { columns, source }: { readonly columns: readonly string[]; readonly source: string },
  names: readonly string[],
): readonly number[] => {
  if (names.length === 0)
    throw new FlowError('input', at, `No column chosen of ${source}`, {
      expected: `some of ${listed(columns)}`,
      got: 'none',
    });
  return names.map((name, i) => {
    if (names.indexOf(name) !== i) {
      throw new FlowError('input', at, `A column of ${source} is chosen twice`, {
        expected: 'each name once',
        got: `"${name}" again`,
        hint: 'Name it once.',
      });
    }
    const index = columns.indexOf(name);
    if (index >= 0) return index;
    const near = nearest(name, columns);
    throw new FlowError('input', at, `Unknown column of ${source}`, {
      expected: `one of ${listed(columns)}`,
      got: `"${name}"`,
      hint: near === undefined ? 'Check the spelling.' : `Did you mean "${near}"?`,
    });
  });
};
