import type { PointColors } from '../../protocol/data.ts';
import type { TableColumn } from './table-column.ts';

/** Most categories with a color of their own. The rest share the last one. */
const MOST_CATEGORIES = 8;

/** The different texts of a column with their counts, most frequent first. */
export const categoriesOf = (texts: TableColumn['texts'] = []): readonly (readonly [text: string, count: number])[] => {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
};

/** The colors of rows by a column: its numbers, or its most frequent categories. */
export const colorsOf = ({ axis, numbers, texts }: TableColumn): PointColors => {
  if (texts === undefined) return { name: axis, values: Float32Array.from(numbers) };
  const all = categoriesOf(texts).map(([text]) => text);
  const categories =
    all.length <= MOST_CATEGORIES
      ? all
      : [...all.slice(0, MOST_CATEGORIES - 1), `${all.length - MOST_CATEGORIES + 1} others`];
  const codes = new Map(all.map((text, code) => [text, Math.min(code, categories.length - 1)]));
  return {
    name: axis,
    values: Float32Array.from(texts, (text) => (text === undefined ? NaN : codes.get(text)!)),
    categories,
  };
};
