import { type Frame, describeCells } from '@impflow/tables';
import { number } from '../terminal/format.ts';
import { printResult, type OutputOptions } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';

/** Prints what the columns of rows with texts, dates or gaps hold. */
export const describeFrame = (name: string, frame: Frame, options: OutputOptions): void => {
  const columns = frame.columns.map((column) => ({ name: column.name, ...describeCells(column) }));
  printResult(
    options,
    { name, source: frame.source, rows: frame.rows, columns },
    () =>
      `${frame.source}: ${number(frame.rows)} rows\n\n${table({
        head: ['column', 'cells', 'gaps', 'different', 'from', 'to', 'most frequent'],
        rows: columns.map(({ name: column, kind, gaps, distinct, min, max, frequent }) => [
          column,
          kind,
          gaps,
          distinct,
          min ?? '',
          max ?? '',
          kind === 'texts' ? frequent.join(', ') : '',
        ]),
      })}`,
  );
};
