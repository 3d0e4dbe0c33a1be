import { FlowError } from '@impflow/core';
import { CLOCK_NAMES } from '../columns/clock.ts';
import { codesOf, isInTree, isTargetCategory, isTargetNumber, layoutOf } from '../columns/layout.ts';
import type { ColumnSpec, RecordsSpec } from '../columns/spec.ts';
import { assertCategoryTree, described, MAX_SIZE } from '../tree/category-tree.ts';

/**
 * Checks the spec of a density of records that was read from a file: the columns, the numbers of codes in the tree, and
 * the sizes of the flow. `buildFlow` checks the other fields of the flow.
 *
 * @remarks Takes time linear in the size of the spec.
 * @throws `input` if a check fails. The message contains the wrong value and its place.
 */
export function assertRecordsSpec(value: unknown): asserts value is RecordsSpec {
  const spec = fieldsOf(value);
  if (spec['kind'] !== 'records' || spec['version'] !== 1)
    throw broken('Not a spec of records', "{ kind: 'records', version: 1, columns, flow }", described(value));
  const { columns, tree, flow } = spec;
  assertColumns(columns);
  const inTree = columns.filter(isInTree);
  if (columns.some(isTargetCategory)) {
    assertCategoryTree(tree);
    const [expected, got] = [inTree.map(codesOf), tree.sizes];
    if (expected.join() !== got.join())
      throw broken('The tree of a spec of records does not match its columns', `sizes ${expected.join()}`, got.join());
  } else if (tree !== undefined)
    throw broken('A spec of records has a tree without categories to predict', 'no tree', described(tree));
  const layout = layoutOf({ columns });
  const { dim, context = 0 } = fieldsOf(flow);
  if (dim !== layout.numbers.length || context !== layout.contextSize)
    throw broken(
      'The flow of a spec of records does not have the size of its columns',
      `dim ${layout.numbers.length} and context ${layout.contextSize}`,
      flow === undefined ? 'no flow' : `dim ${described(dim)} and context ${described(context)}`,
    );
}

function assertColumns(columns: unknown): asserts columns is readonly ColumnSpec[] {
  if (!Array.isArray(columns)) throw broken('A spec of records has no columns', 'an array', described(columns));
  const names = new Set<unknown>();
  columns.forEach((value: unknown, j) => {
    const column = fieldsOf(value);
    const { name, kind, given, gaps } = column;
    if (typeof name !== 'string' || name === '' || names.has(name))
      throw broken(
        `Column ${j} of a spec of records has a wrong name`,
        'a text that no other column has',
        described(name),
      );
    names.add(name);
    const wrong = (field: string, expected: string): FlowError =>
      broken(`The column "${name}" of a spec of records has a wrong ${field}`, expected, described(column[field]));
    if (given !== undefined && typeof given !== 'boolean') throw wrong('given', 'true or false');
    if (gaps !== undefined && !(Array.isArray(gaps) && gaps.every((gap) => typeof gap === 'string')))
      throw wrong('gaps', 'strings');
    if (kind === 'category') assertLevels(column, wrong);
    else if (kind === 'number') assertNumber(column, wrong);
    else throw wrong('kind', 'number or category');
  });
  if (!(columns as readonly ColumnSpec[]).some(isTargetNumber))
    throw broken('A spec of records has no number to predict', 'a number that is not a condition', 'none');
}

type Wrong = (field: string, expected: string) => FlowError;

const assertLevels = ({ levels, rare = [] }: Fields, wrong: Wrong): void => {
  const areTexts = (list: unknown): list is readonly string[] =>
    Array.isArray(list) && list.every((level) => typeof level === 'string') && new Set(list).size === list.length;
  if (!areTexts(levels) || levels.length === 0 || levels.length >= MAX_SIZE)
    throw wrong('levels', 'different strings, at least one');
  const known = new Set(levels);
  if (!areTexts(rare) || rare.some((level) => known.has(level)))
    throw wrong('rare', 'different strings that are not levels');
};

/** Fields that are allowed only for conditions, and fields that are allowed only for targets. */
const OF_CONDITIONS = ['mean', 'scale', 'range', 'fill', 'bins'];
const OF_TARGETS = ['resolution', 'spikes', 'start'];

const assertNumber = (column: Fields, wrong: Wrong): void => {
  const { date, dayFirst, format, whole, bins, range, spikes, resolution, unit, given } = column;
  if (date !== undefined && date !== 'days' && date !== 'seconds') throw wrong('date', 'days or seconds');
  if (dayFirst !== undefined && typeof dayFirst !== 'boolean') throw wrong('dayFirst', 'true or false');
  if (format !== undefined && (date !== undefined || !isFormat(format)))
    throw wrong('format', 'a decimal sign, another sign between groups of digits, and perhaps a unit; none for dates');
  if (unit !== undefined && (typeof unit !== 'string' || unit === '')) throw wrong('unit', 'a text');
  if (whole !== undefined && whole !== true) throw wrong('whole', 'true');
  for (const field of ['offset', 'cut', 'start', 'mean', 'fill'])
    if (column[field] !== undefined && !Number.isFinite(column[field])) throw wrong(field, 'a finite number');
  for (const field of ['resolution', 'period', 'scale'])
    if (column[field] !== undefined && !((column[field] as number) > 0 && Number.isFinite(column[field])))
      throw wrong(field, 'a finite number above 0');
  const foreign = (given === true ? OF_TARGETS : OF_CONDITIONS).find((field) => column[field] !== undefined);
  if (foreign !== undefined) throw wrong(foreign, given === true ? 'none for a condition' : 'none for a target');
  const rise = (edges: readonly unknown[]): boolean =>
    edges.length > 0 &&
    edges.every((edge, k) => Number.isFinite(edge) && (k === 0 || (edge as number) > (edges[k - 1] as number)));
  if (spikes !== undefined && !(Array.isArray(spikes) && rise(spikes) && resolution !== undefined))
    throw wrong('spikes', 'finite numbers that rise, and a resolution');
  if (bins !== undefined && !(Array.isArray(bins) && rise(bins))) throw wrong('bins', 'finite numbers that rise');
  if (range !== undefined && !(Array.isArray(range) && range.length === 2 && rise(range)))
    throw wrong('range', 'two finite numbers that rise');
};

const isFormat = (value: unknown): boolean => {
  const { decimal, group, unit, clock, dash } = fieldsOf(value);
  return (
    (decimal === '.' || decimal === ',') &&
    group !== decimal &&
    [',', '.', ' ', "'"].some((sign) => sign === group) &&
    (unit === undefined || (typeof unit === 'string' && unit !== '')) &&
    (clock === undefined || CLOCK_NAMES.some((name) => name === clock)) &&
    (dash === undefined || dash === true)
  );
};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const broken = (what: string, expected: string, got: string): FlowError =>
  new FlowError('input', 'tables/assertRecordsSpec', what, {
    expected,
    got: got.slice(0, 120),
    hint: 'Use the spec as it was written.',
  });
