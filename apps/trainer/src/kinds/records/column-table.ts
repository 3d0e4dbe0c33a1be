import { isTargetNumber, layoutOf, type ColumnMap, type ColumnPlan, type ColumnSpec } from '@impflow/tables';
import type { RecordData } from '../../dataset/split-records.ts';
import { number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';

/** Width of the lines. A longer description is cut. */
const WIDTH = 80;
/** Longest name of a column that is shown whole. */
const NAME = 24;

/** What a run makes of each column of its table, as aligned lines of text: a head, one line per column, and what is done to repeated numbers. */
export const columnTable = ({
  plans,
  missing,
  fitted,
}: Pick<RecordData, 'plans' | 'missing' | 'fitted'>): readonly string[] => {
  const { numbers } = layoutOf(fitted);
  const rows = plans.map((plan, i) => {
    const j = fitted.columns.findIndex(({ name }) => name === plan.name);
    const column = fitted.columns[j];
    const map = fitted.maps[numbers.indexOf(j)];
    const how = column === undefined ? whyOf(plan) : describeColumn(column, map);
    return [shortened(plan.name, NAME), roleOf(plan), missing[i]!, isRowNumber(plan) ? `${how}; ${ROW_NUMBER}` : how];
  });
  return table({ head: ['column', 'is', 'gaps', 'how'], rows }, process.stderr)
    .split('\n')
    .map((line, i) => (i === 0 ? line : shortened(line, WIDTH)))
    .concat(
      fitted.columns.some((column) => column.kind === 'number' && column.resolution !== undefined) ? [STEPS] : [],
    );
};

const STEPS = 'Training adds uniform noise of one step to numbers in steps, so that a density exists.';

const ROW_NUMBER = 'looks like a row number: --leave-out';

const isRowNumber = (plan: ColumnPlan): boolean => plan.kind === 'number' && plan.rising === true;

const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

const roleOf = (plan: ColumnPlan): string => {
  switch (plan.kind) {
    case 'number':
      return `${plan.given ? 'condition, ' : ''}${plan.date === undefined ? 'number' : 'date'}`;
    case 'category':
      return `${plan.given ? 'condition, ' : ''}category`;
    default:
      return plan.kind;
  }
};

const whyOf = (plan: ColumnPlan): string => (plan.kind === 'left out' ? plan.why : 'how often a row counts');

/** Categories that a line quotes. */
const QUOTED = 3;

/** How a column is encoded, in words. */
export const describeColumn = (column: ColumnSpec, map: ColumnMap | undefined): string => {
  if (column.kind === 'category') {
    const { levels } = column;
    return `${levels.length} ${levels.length === 1 ? 'category' : 'categories'}: ${levels.slice(0, QUOTED).join(', ')}${levels.length > QUOTED ? ', …' : ''}`;
  }
  const { date, offset, resolution, period, fill } = column;
  const words = [
    ...(date === undefined ? [] : [`${date} since 1970, UTC`]),
    ...(period === undefined ? [] : [`periodic, ${number(period)}`]),
    ...(period !== undefined || map === undefined ? [] : mapWords(map, offset ?? 0)),
    ...(resolution === undefined ? [] : [`in steps of ${Number(resolution.toPrecision(4))}`]),
    ...(fill === undefined ? [] : ['gaps are marked']),
  ];
  return words.length === 0 ? (isTargetNumber(column) ? 'as it is' : 'standardized') : words.join('; ');
};

const mapWords = (map: ColumnMap, offset: number): readonly string[] => {
  switch (map.map) {
    case 'identity':
      return [];
    case 'log':
      return [`logarithm, above ${number(map.lower + offset)}`];
    case 'logit':
      return [`logit, between ${number(map.lower + offset)} and ${number(map.upper + offset)}`];
    case 'asinh':
      return ['asinh, for heavy tails'];
  }
};
