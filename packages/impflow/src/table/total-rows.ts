import type { Frame } from '@impflow/tables';

/** Texts of cells that begin a row of totals in a spreadsheet. */
const TOTAL = /^(grand |sub-?)?totals?\b|\btotals?:?$|^(zwischen|gesamt)?summe\b|^gesamt\b/i;
/** If a larger share of the rows has such a text, it is a category. */
const MOST = 0.2;
/** Largest number of rows that the message names. */
const NAMED = 3;

/** Returns a sentence if a few rows of a table are totals of other rows, because a density should not contain them. */
export const totalRemarks = (frame: Frame): readonly string[] => {
  const texts = new Map<number, string>();
  for (const column of frame.columns)
    column.texts?.forEach((text, row) => {
      if (text !== undefined && !texts.has(row) && TOTAL.test(text)) texts.set(row, text);
    });
  if (texts.size === 0 || texts.size > MOST * frame.rows) return [];
  const rows = [...texts].toSorted(([a], [b]) => a - b);
  const named = rows.slice(0, NAMED).map(([row, text]) => `"${text}" in ${frame.place(row)}`);
  return [
    `${rows.length === 1 ? '1 row of' : `${rows.length} rows of`} ${frame.source} ${rows.length === 1 ? 'looks like a total' : 'look like totals'} of other rows: ${named.join(', ')}${rows.length > NAMED ? ', …' : ''}. If so, delete ${rows.length === 1 ? 'it' : 'them'}.`,
  ];
};
