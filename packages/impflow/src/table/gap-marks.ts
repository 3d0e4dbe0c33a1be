import { FlowError } from '@impflow/core';
import { emptied, emptiedFrame, type Frame, type GapMarks } from '@impflow/tables';

/**
 * Parses the option `gaps`, a list of texts such as `-999` and `depth:-999`. A text marks missing cells of all columns,
 * or, after the name of a column and a colon, of this column. A column name may contain colons.
 *
 * @throws `option` for an empty mark, and for a text with a colon that neither begins with the name of a column nor
 * occurs in a cell.
 */
export const gapMarksOf = (texts: readonly string[], frame: Frame): GapMarks => {
  const names = frame.columns.map(({ name }) => name);
  const marks = new Map(names.map((name) => [name, [] as string[]]));
  for (const text of texts) {
    const own = names
      .filter((name) => text.startsWith(`${name}:`))
      .reduce<string | undefined>(
        (longest, name) => (name.length > (longest?.length ?? 0) ? name : longest),
        undefined,
      );
    const mark = own === undefined ? text : text.slice(own.length + 1);
    const isLost = own === undefined && mark.includes(':') && !frame.columns.some((column) => occurs(column, mark));
    if (mark.trim() === '' || isLost)
      throw new FlowError('option', 'impflow/fit', 'Wrong value of the option gaps', {
        expected: `a value such as -999, or column:value with one of the columns ${names.join(', ')}`,
        got: `"${text}"`,
        hint: 'Check the spelling of the column.',
      });
    for (const name of own === undefined ? names : [own]) marks.get(name)!.push(mark);
  }
  return Object.fromEntries([...marks].filter(([, own]) => own.length > 0));
};

/** Returns a sentence for each text of the option `gaps` that marks no cell. */
export const idleMarks = (texts: readonly string[], frame: Frame): readonly string[] =>
  texts
    .filter((text) => {
      const marks = gapMarksOf([text], frame);
      return emptiedFrame(frame, marks).columns.every((column, j) => column === frame.columns[j]);
    })
    .map((text) => `No cell of ${frame.source} has the value that the option gaps names: ${text}.`);

const occurs = (column: Frame['columns'][number], mark: string): boolean => emptied(column, [mark]) !== column;
