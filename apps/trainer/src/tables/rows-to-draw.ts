import { joinedValues, type Values } from '@impflow/tables';
import { number, type TableParts } from 'impflow/run';
import type { PlotOptions } from '../kinds/answer.ts';
import { rowsToJudge } from './evaluate.ts';
import { partsOfRun, type LoadedTable } from './loaded-table.ts';

/** Rows that a picture compares with draws of a model. */
export interface RowsToDraw {
  readonly values: Values;
  /** Name of the rows in the legend, with their number. */
  readonly names: string;
  /** Origin of the rows. */
  readonly source: string;
  /** A sentence on rows that are left out. */
  readonly remark?: string;
}

/** With fewer test rows than this, a picture shows all rows: it would be almost empty otherwise. */
const FEWEST = 30;

/** Returns the test rows of a run, or all its rows if there are few test rows. */
export const rowsOfRun = ({ complete, validation, test, source, gaps }: TableParts): RowsToDraw => {
  const held = test.values.rows;
  if (held >= FEWEST || complete.values.rows === 0)
    return {
      values: test.values,
      names: `${number(held)} test ${held === 1 ? 'row' : 'rows'}`,
      source,
      ...gapsRemark(gaps.test, 'test '),
    };
  const values = joinedValues([complete.values, validation.values, test.values]);
  return {
    values,
    names: `all ${rowsText(values.rows)}, ${number(held)} of them test rows`,
    source,
    ...gapsRemark(gaps.train + gaps.validation + gaps.test, ''),
  };
};

/** Returns the rows that `plot` draws: the rows of the option `data` without gaps, or the rows of the run. */
export const rowsToDraw = async (run: LoadedTable, options: PlotOptions): Promise<RowsToDraw> => {
  if (options.data === undefined) return rowsOfRun(await partsOfRun(run));
  const { part, source, gaps } = await rowsToJudge(run, options);
  return { values: part.values, names: rowsText(part.values.rows), source, ...gapsRemark(gaps, '') };
};

const rowsText = (count: number): string => `${number(count)} ${count === 1 ? 'row' : 'rows'}`;

const gapsRemark = (gaps: number, kind: string): { readonly remark?: string } =>
  gaps === 0
    ? {}
    : {
        remark: `${number(gaps)} ${kind}${gaps === 1 ? 'row has' : 'rows have'} gaps and ${gaps === 1 ? 'is' : 'are'} not drawn.`,
      };
