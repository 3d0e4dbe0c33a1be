import { FlowError } from '@impflow/core';
import { treeConditional, type RecordFlow, type Values } from '@impflow/tables';
import { columnsIn, type Predicate } from './predicate.ts';

/** Combinations of categories, with their probabilities. */
export interface CategoryCases {
  /** Indices of the listed category columns. */
  readonly columns: readonly number[];
  /** Codes of the combinations, `[columns][cases]`. */
  readonly codes: readonly Float64Array[];
  /** Probability of each combination given the conditions, `[cases]`. The sum over all combinations is 1. */
  readonly probabilities: Float64Array;
}

/** Largest number of combinations of the categories that an event names. */
const MOST_NAMED = 2 ** 16;
/** Largest number of combinations to which category columns that the event does not name are added. */
const MOST = 4096;

/**
 * Lists the combinations of the categories that an event names. If the event also names numbers, other columns of
 * categories are added while there are at most 4,096 combinations, so that rare categories can be drawn more often.
 *
 * @param conditions One row of conditions.
 * @param unseen Whether categories that training did not see count as a category.
 * @throws `option` if the named columns have more than 65,536 combinations.
 */
export const categoryCases = (
  { spec, layout }: RecordFlow,
  conditions: Values,
  event: Predicate | undefined,
  { unseen }: { readonly unseen: boolean },
): CategoryCases => {
  const { tree } = spec;
  if (tree === undefined) return { columns: [], codes: [], probabilities: Float64Array.of(1) };
  const sizeOf = (j: number): number => {
    const column = spec.columns[j]!;
    return column.kind === 'category' ? column.levels.length + Number(unseen) : 1;
  };
  const columns = [...columnsIn(event, 'category')];
  const count = (): number => columns.reduce((product, j) => product * sizeOf(j), 1);
  if (count() > MOST_NAMED)
    throw new FlowError('option', 'impflow/event', 'Too many combinations of categories in an event', {
      expected: `at most ${MOST_NAMED}`,
      got: `${count()} combinations of ${columns.map((j) => spec.columns[j]!.name).join(', ')}`,
      hint: 'Name fewer columns of categories.',
    });
  if (columnsIn(event, 'number').length > 0)
    for (const j of layout.inTree) {
      const isTarget = spec.columns[j]!.given !== true && !columns.includes(j);
      if (isTarget && count() * sizeOf(j) <= MOST) columns.push(j);
    }
  const cases = count();
  const codes = columns.map((j, i) => {
    const each = columns.slice(0, i).reduce((product, k) => product * sizeOf(k), 1);
    return Float64Array.from({ length: cases }, (_, row) => Math.floor(row / each) % sizeOf(j));
  });
  const own = treeCodesOf({ spec, layout }, conditions, cases, (j) => codes[columns.indexOf(j)]);
  const given = layout.inTree.flatMap((j, i) => (spec.columns[j]!.given === true ? [i] : []));
  return { columns, codes, probabilities: treeConditional(tree, own, given).map(Math.exp) };
};

/**
 * Returns codes of all columns of the tree, `[columns][rows]`, -1 where a code is not known. Conditions are repeated in
 * all rows; `known` returns the codes of the other columns.
 */
export const treeCodesOf = (
  { spec, layout }: Pick<RecordFlow, 'spec' | 'layout'>,
  conditions: Values,
  rows: number,
  known: (column: number) => ArrayLike<number> | undefined,
): Int32Array[] =>
  layout.inTree.map((j) => {
    const column = spec.columns[j]!;
    if (column.given !== true) {
      const codes = known(j);
      return codes === undefined ? new Int32Array(rows).fill(-1) : Int32Array.from(codes);
    }
    const value = conditions.columns[j]![0]!;
    const bins = column.kind === 'number' ? column.bins! : undefined;
    const code = Number.isNaN(value) ? -1 : bins === undefined ? value : bins.filter((edge) => value >= edge).length;
    return new Int32Array(rows).fill(code);
  });
