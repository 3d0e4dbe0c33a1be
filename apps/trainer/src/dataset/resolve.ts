import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { FlowError, fold, permutation, unknownName, type Key } from '@impflow/core';
import { dequantise, fitScaling, integerColumns, pickRows, readTable, selectColumns, splitRows, toys, type Scaling, type Table } from '@impflow/data';
import { realDatasets } from './real.ts';

/** Rows of a toy held out for validation and for the final figures; training rows are drawn afresh. */
const TOY_ROWS = { validation: 2000, test: 10_000 } as const;
const SHARES = { validation: 0.1, test: 0.1 } as const;

/** Where the rows of a run come from: all that is needed to draw the same rows again. */
export interface DataSource {
  /** A toy, a bundled data set, or a path. */
  readonly data: string;
  readonly columns?: readonly string[];
}

/** Data split for a run. */
export interface RunData {
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

/** Names of all bundled data. */
export const dataNames = (): readonly string[] => [...Object.keys(toys), ...Object.keys(realDatasets)];

/** Whether `data` means a file rather than a bundled name. */
export const isPath = (data: string): boolean => extname(data) !== '' || data.includes('/') || data.includes('\\');

/** All rows of a source, before any split. @throws `registry` for an unknown name, and what the readers throw. */
export const loadTable = async ({ data, columns }: DataSource, options: { readonly minRows?: number; readonly allowMissing?: boolean } = {}): Promise<Table> => {
  if (isPath(data)) return readTable(data, { ...options, ...(columns === undefined ? {} : { columns }) });
  const real = (realDatasets as Readonly<Record<string, (typeof realDatasets)[keyof typeof realDatasets]>>)[data];
  if (real === undefined) throw unknownName('cli', 'data set', data, dataNames());
  const table = await real.load();
  return columns === undefined ? table : selectColumns(table, columns);
};

/** The split rows of a run: the same for the same source and key. */
export const loadRunData = async (source: DataSource, key: Key): Promise<RunData> => {
  const { data, columns } = source;
  const toy = Object.hasOwn(toys, data) ? toys[data] : undefined;
  if (toy !== undefined) {
    if (columns !== undefined) throw new FlowError('option', 'cli', `The toy ${data} has no columns to choose`, { hint: 'Leave --columns out.' });
    const table = (rows: number, purpose: number): Table => ({ columns: ['x', 'y'], rows, values: toy.sample(fold(key, purpose), rows), source: data });
    return {
      name: data, columns: ['x', 'y'], source: toy.description, dequantised: [],
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
    name: basename(data, extname(data)), columns: table.columns, source: raw.source,
    hash: createHash('sha256').update(raw.values).digest('hex'), dequantised: whole,
    train, validation: pickRows(table, split.validation), test: pickRows(table, split.test), scaling: fitScaling(train),
  };
};

/** The batch of each step: fresh rows of a toy, or the training rows in a new order every epoch. A pure function of the step. */
export const batches = ({ train, draw }: RunData, size: number, key: Key): ((step: number) => Float32Array) => {
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


