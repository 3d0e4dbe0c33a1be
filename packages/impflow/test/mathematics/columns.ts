import { logSumExp, sum, type Vector } from './matrices.ts';

/** Cells of a row as written in the file. An empty text is an empty cell. */
type Cell = string | number;
export type Row = Readonly<Record<string, Cell>>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

const wrapped = (x: number, period: number, cut: number): number => x - period * Math.floor((x - cut) / period);

/** `v - o` for a column of numbers or dates; NaN for an empty cell. */
const valueOf = (cell: Cell, { date, offset = 0 }: Json): number => {
  if (cell === '') return NaN;
  if (date === undefined) return Number(cell) - offset;
  return Date.parse(String(cell)) / (date === 'days' ? 864e5 : 1e3) - offset;
};

const codeOf = (cell: Cell, { levels }: Json): number => {
  const plain = (levels as string[]).every((level) => String(Number(level)) === level);
  const at = (levels as string[]).indexOf(plain ? String(Number(cell)) : String(cell));
  return at < 0 ? levels.length : at;
};

const isTarget = ({ kind, given }: Json): boolean => kind === 'number' && given !== true;

export const numbersOf = (row: Row, columns: Json): Vector =>
  columns.filter(isTarget).map((column: Json) => {
    const { period, cut = 0, resolution = 0, spikes } = column;
    const value = valueOf(row[column.name]!, column);
    const x = spikes === undefined || spikes.includes(value) ? value + resolution / 2 : value;
    return Math.fround(period === undefined ? x : wrapped(x, period, cut));
  });

export const contextOf = (row: Row, columns: Json): Vector =>
  columns.flatMap((column: Json) => {
    if (isTarget(column)) return [];
    const cell = row[column.name]!;
    if (column.kind === 'category') {
      const code = codeOf(cell, column);
      return column.levels.map((_: string, k: number) => +(k === code));
    }
    const { fill, period, mean = 0, scale = 1 } = column;
    const own = valueOf(cell, column);
    const x = Number.isNaN(own) ? fill : own;
    const angle = (2 * Math.PI * x) / period;
    return [
      ...(period === undefined ? [(x - mean) / scale] : [Math.cos(angle), Math.sin(angle)]),
      ...(fill === undefined ? [] : [+Number.isNaN(own)]),
    ].map(Math.fround);
  });

/** The log-probability of the codes; a code of -1 is summed out, by enumeration over the codes of the column. */
const logTree = ({ sizes, parents, tables }: Json, codes: Vector): number => {
  const free = codes.indexOf(-1);
  if (free >= 0)
    return logSumExp(
      Array.from({ length: sizes[free] }, (_, k) => logTree({ sizes, parents, tables }, codes.with(free, k))),
    );
  return sum(codes.map((code, j) => Math.log(tables[j][parents[j] < 0 ? 0 : codes[parents[j]]!][code])));
};

export const logCategories = (row: Row, { columns, tree }: Json): number => {
  if (tree === undefined) return 0;
  const inTree = columns.filter(({ kind, bins }: Json) => kind === 'category' || bins !== undefined);
  const codes: Vector = inTree.map((column: Json) => {
    const cell = row[column.name]!;
    if (column.kind === 'category') return codeOf(cell, column);
    const { period, bins } = column;
    const own = valueOf(cell, column);
    if (Number.isNaN(own)) return -1;
    const x = period === undefined ? own : wrapped(own, period, 0);
    return (bins as Vector).filter((edge) => edge <= x).length;
  });
  const given = codes.map((code, j) => (inTree[j].given === true ? code : -1));
  return logTree(tree, codes) - (given.every((code) => code < 0) ? 0 : logTree(tree, given));
};
