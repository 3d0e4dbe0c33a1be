import { joinedValues, pickValues, type Values } from '@impflow/tables';
import { number, rowCount, type TableParts } from 'impflow/run';
import type { PlotOptions } from '../kinds/answer.ts';
import { rowsToJudge } from './evaluate.ts';
import { partsOfRun, type LoadedTable } from './loaded-table.ts';

/** Rows that a picture compares with draws of a model. The cells have no noise. */
export interface RowsToDraw {
  /** Test rows of a run, or rows of a file. */
  readonly values: Values;
  /** Training rows, which are shown paler. Absent if there are enough test rows. */
  readonly training?: Values;
  /** Names of the rows in the legend, with their numbers. */
  readonly names: { readonly data: string; readonly training?: string };
  /** Name of all rows in the title. */
  readonly title: string;
  /** Origin of the rows. */
  readonly source: string;
  /** A sentence on rows that are left out. */
  readonly remark?: string;
}

/**
 * A picture shows at least this many rows if the table has them: fewer test rows are shown together with training rows.
 * A scatter plot of some dozen rows looks unlike the model by chance.
 */
const FEWEST = 300;

/** Returns the test rows of a run, and training rows if the test rows are few. */
export const rowsOfRun = ({ complete, test, source, gaps }: TableParts): RowsToDraw => {
  const tested = rowCount(test);
  const added = Math.min(Math.max(0, FEWEST - tested), rowCount(complete));
  const data = rowsText(tested, 'test ');
  const common = { values: test.cells, source, ...gapsRemark(gaps.test, 'test ') };
  if (added === 0) return { ...common, names: { data }, title: 'test rows' };
  // The added rows are evenly spaced in the table.
  const rows = Uint32Array.from({ length: added }, (_, i) => Math.floor((i * rowCount(complete)) / added));
  return {
    ...common,
    training: pickValues(complete.cells, rows),
    names: { data, training: rowsText(added, 'training ') },
    title: 'training rows, test rows',
  };
};

/** Returns all rows that a picture shows. */
export const allRows = ({ values, training }: RowsToDraw): Values =>
  training === undefined ? values : joinedValues([values, training]);

/** Returns the rows that `plot` draws: the rows of the option `data` without gaps, or the rows of the run. */
export const rowsToDraw = async (run: LoadedTable, options: PlotOptions): Promise<RowsToDraw> => {
  if (options.data === undefined) return rowsOfRun(await partsOfRun(run));
  const { part, source, gaps } = await rowsToJudge(run, options);
  return {
    values: part.cells,
    names: { data: rowsText(rowCount(part), '') },
    title: 'rows',
    source,
    ...gapsRemark(gaps, ''),
  };
};

const rowsText = (count: number, kind: string): string => `${number(count)} ${kind}${count === 1 ? 'row' : 'rows'}`;

const gapsRemark = (gaps: number, kind: string): { readonly remark?: string } =>
  gaps === 0
    ? {}
    : { remark: `${rowsText(gaps, kind)} ${gaps === 1 ? 'has gaps and is' : 'have gaps and are'} not shown.` };
