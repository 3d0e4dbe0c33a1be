import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { FlowError, fold, key, permutation, unknownName, type Key } from '@impflow/core';
import { dequantise, fitScaling, integerColumns, pickRows, readTable, selectColumns, splitRows, toys, type Scaling, type Table } from '@impflow/data';
import { realDatasets } from './real.ts';
import { dataNames, isPath, type DataSource } from './source.ts';

/** Rows of a toy held out for validation and for the final figures; training rows are drawn afresh. */
const TOY_ROWS = { validation: 2000, test: 10_000 } as const;
const SHARES = { validation: 0.1, test: 0.1 } as const;

/** Rows of numbers, split for a run. */
export interface TableData {
  readonly kind: 'table';
  readonly name: string;
  readonly columns: readonly string[];
  readonly source: string;
  /** SHA-256 of the values, or none for a toy. */
  readonly hash?: string;
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table;
  /** Columns of whole numbers that got uniform noise. */
  readonly dequantised: readonly string[];
  /** Of the training rows; none for a toy. */
  readonly scaling?: Scaling;
  /** A toy's fresh training rows, `[rows, 2]`. */
  readonly draw?: (key: Key, rows: number) => Float32Array;
  /** Entropy in nats, where known: no expected loss lies below it. */
  readonly entropy?: number;
}

/** All rows of a source, before any split. @throws `registry` for an unknown name, and what the readers throw. */
export const loadTable = async ({ data, columns, set }: DataSource, options: { readonly minRows?: number } = {}): Promise<Table> => {
  if (set === undefined && isPath(data)) return readTable(data, { ...options, ...(columns === undefined ? {} : { columns }) });
  const isToy = Object.hasOwn(toys, data);
  const known = set ?? (Object.hasOwn(realDatasets, data) ? realDatasets[data as keyof typeof realDatasets] : undefined);
  if (!isToy && known === undefined) throw unknownName('cli', 'data set', data, dataNames());
  const table = known === undefined ? toyTable(data, key(0), { rows: TOY_ROWS.test, purpose: 2 }) : await known.load();
  return columns === undefined ? table : selectColumns(table, columns);
};

const toyTable = (data: string, key: Key, { rows, purpose }: { readonly rows: number; readonly purpose: number }): Table =>
  ({ columns: ['x', 'y'], rows, values: toys[data]!.sample(fold(key, purpose), rows), source: data });

/** SHA-256 of the values. */
export const hashOf = ({ values }: Table): string => createHash('sha256').update(values).digest('hex');

/** The split rows of a run: the same for the same source and key. */
export const loadTableData = async (source: DataSource, key: Key): Promise<TableData> => {
  const { data, columns } = source;
  const toy = Object.hasOwn(toys, data) ? toys[data] : undefined;
  if (toy !== undefined) {
    if (columns !== undefined) throw new FlowError('option', 'cli', `The toy ${data} has no columns to choose`, { hint: 'Leave --columns out.' });
    const table = (rows: number, purpose: number): Table => toyTable(data, key, { rows, purpose });
    return {
      kind: 'table', name: data, columns: ['x', 'y'], source: toy.description, dequantised: [],
      train: table(TOY_ROWS.validation, 3), validation: table(TOY_ROWS.validation, 1), test: table(TOY_ROWS.test, 2),
      draw: (draw, rows) => toy.sample(draw, rows), ...(toy.entropy === undefined ? {} : { entropy: toy.entropy }),
    };
  }
  const raw = await loadTable(source, { minRows: 10 });
  const whole = integerColumns(raw);
  const table = dequantise(raw, whole, fold(key, 4));
  const split = splitRows(table.rows, { key: fold(key, 5), fractions: SHARES });
  const train = pickRows(table, split.train);
  return {
    kind: 'table', name: basename(data, extname(data)), columns: table.columns, source: raw.source,
    hash: hashOf(raw), dequantised: whole,
    train, validation: pickRows(table, split.validation), test: pickRows(table, split.test), scaling: fitScaling(train),
  };
};

/** The batch of each step: fresh rows of a toy, or the training rows in a new order every epoch. A pure function of the step. */
export const tableBatches = ({ train, draw }: TableData, size: number, key: Key): ((step: number) => Float32Array) => {
  if (draw !== undefined) return (step) => draw(fold(key, step), size);
  const perEpoch = Math.floor(train.rows / size);
  let epoch = -1;
  let order: Table | undefined;
  const width = train.columns.length;
  return (step) => {
    const now = Math.floor(step / perEpoch);
    if (now !== epoch || order === undefined) {
      order = pickRows(train, permutation(fold(key, now), train.rows));
      epoch = now;
    }
    const first = (step % perEpoch) * size;
    return order.values.slice(first * width, (first + size) * width);
  };
};
