import { describeCells, type CellSummary, type Frame } from '@impflow/tables';
import { number } from 'impflow/run';
import { printResult, type OutputOptions } from '../terminal/output.ts';
import { table, type Cell } from '../terminal/table.ts';

interface Described extends CellSummary {
  /** Name of the column. */
  readonly name: string;
}

/** Prints the name and the contents of each column of a table. */
export const describeFrame = (name: string, frame: Frame, options: OutputOptions): void => {
  const columns = frame.columns.map((column): Described => ({
    name: column.name,
    ...describeCells(column, frame.decimal),
  }));
  printResult(options, { name, source: frame.source, rows: frame.rows, columns }, () => {
    const shown = Object.entries(FACTS).filter(([, fact]) => columns.some((column) => fact(column) !== ''));
    return `${frame.source}: ${number(frame.rows)} rows\n\n${table({
      head: shown.map(([head]) => head),
      rows: columns.map((column) => shown.map(([, fact]) => fact(column))),
    })}`;
  });
};

/**
 * Facts that are printed for a column, by the headings of the printed table. If no column has a fact, its heading is
 * left out.
 */
const FACTS: Readonly<Record<string, (column: Described) => Cell>> = {
  column: ({ name }) => name,
  cells: ({ kind }) => kind,
  gaps: ({ gaps }) => gaps,
  different: ({ distinct }) => distinct,
  from: ({ min = '' }) => whole(min),
  to: ({ max = '' }) => whole(max),
  mean: ({ mean = '' }) => mean,
  'standard deviation': ({ standardDeviation = '' }) => standardDeviation,
  resolution: ({ resolution = '' }) => resolution,
  atom: ({ atom }) => (atom === undefined ? '' : `${number(atom.value)} in ${number(100 * atom.share, 2)} %`),
  'most frequent': ({ kind, frequent }) => (kind === 'texts' ? frequent.join(', ') : ''),
};

/**
 * Returns a whole number as text with all its digits. The number may be large, such as a Unix time. Returns other cells
 * unchanged.
 */
const whole = (value: Cell): Cell => (Number.isSafeInteger(value) ? value.toLocaleString('en') : value);
