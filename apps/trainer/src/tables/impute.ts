import { extname } from 'node:path';
import { FlowError, unknownName } from '@impflow/core';
import { assertNewFile, withNamesOf, type NewFileOptions } from '@impflow/jobs';
import { readingFor, toCsvFrame, writeFrame, gapsOf, type Frame } from '@impflow/tables';
import { eventOnRows, keepOf, number, rowsOfFrame } from 'impflow/run';
import type { Answer, ImputeOptions } from '../kinds/answer.ts';
import { MOST_JSON, MOST_NUMBERS, MOST_TEXT } from '../settings/limits.ts';
import { note } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { completedFrame, placesBeside } from './completed-frame.ts';
import { completionsOf, type Completions } from './completions.ts';
import type { LoadedTable } from './loaded-table.ts';
import { cellsOf } from './rows-of.ts';

const WRITABLE = ['.csv', '.parquet'];
/**
 * Minimum effective number of draws from which the spread of filled cells is reliable. For fewer draws, `impute` prints
 * a warning.
 */
const FEW = 10;

/**
 * Fills the gaps of a file by draws from the density of the missing cells given the known cells: multiple imputation.
 * The result contains every row of the file once per draw.
 *
 * @throws `option` for more rows than fit; `input` for a file that lacks a column, or an output that exists.
 */
export const imputeTable = async (
  { rows: trained, registries }: LoadedTable,
  file: string,
  options: ImputeOptions,
): Promise<Answer> => {
  const { draws, seed, out, force } = options;
  if (out !== undefined) await assertNewTable(out, { force, inputs: [file] });
  const { density } = trained;
  const { columns: names, categories } = readingFor(density.spec.columns);
  const frame = withNamesOf(await cellsOf(file, registries, { ...options, categories, columns: names }), names);
  for (const remark of frame.remarks ?? []) note(options, remark);
  assertRoom(frame, draws, out);
  const values = trained.read(frame);
  for (const remark of values.remarks) note(options, remark);
  const found = completionsOf(trained, values, {
    draws,
    seed,
    ...(options.given === undefined ? {} : { keep: keepOf(trained, eventOnRows(trained, options.given, 'cli')) }),
    ...(options.quiet === undefined ? {} : { quiet: options.quiet }),
  });
  const completed = completedFrame({ frame, values, density, draws, ofRow: found.ofRow });
  const verbatim = frame.columns.map(({ name }) => name).filter((name) => !names.includes(name));
  if (out !== undefined) await writeFrame(out, completed, { verbatim });
  const cells = [...found.ofRow.keys()].reduce((sum, row) => sum + gapsOf(values, density.layout, row).length, 0);
  remarks(options, frame, found);
  const figures = figuresOf(found, { rows: frame.rows, cells, draws });
  if (out === undefined && options.json !== true) note(options, figures);
  return {
    json: {
      file,
      rows: frame.rows,
      draws,
      rowsWithGaps: found.gaps,
      cellsFilled: cells,
      acceptance: found.acceptance,
      smallestEffective: found.smallestEffective,
      left: found.left.map((row) => row + 1),
      columns: completed.columns.map(({ name }) => name),
      ...(out === undefined ? { imputed: rowsOfFrame(completed) } : { out }),
    },
    text: () =>
      out === undefined
        ? toCsvFrame(completed, { verbatim }).trimEnd()
        : `${figures}\n\n${writtenTo(out, frame, draws)}`,
  };
};

const figuresOf = (
  { gaps, acceptance, smallestEffective, left }: Completions,
  { rows, cells, draws }: { readonly rows: number; readonly cells: number; readonly draws: number },
): string =>
  table({
    rows: [
      ['rows', number(rows)],
      ['rows with gaps', number(gaps)],
      ['cells filled', number(cells)],
      ['draws of each', number(draws)],
      ...(Number.isNaN(acceptance) ? [] : [['proposals accepted', `${number(100 * acceptance, 3)} %`]]),
      ...(Number.isNaN(smallestEffective)
        ? []
        : [['smallest effective number of proposals of a row', number(smallestEffective, 3)]]),
      ...(left.length === 0 ? [] : [['rows left as they are', number(left.length)]]),
    ],
  });

const writtenTo = (out: string, { rows }: Frame, draws: number): string =>
  draws === 1
    ? `${number(rows)} rows written to ${out}`
    : `${number(draws * rows)} rows written to ${out}: all rows once for each draw`;

const remarks = (options: ImputeOptions, frame: Frame, { gaps, smallestEffective, left }: Completions): void => {
  const { draws } = options;
  if (gaps === 0) note(options, 'No cell is missing: nothing to fill.');
  if (smallestEffective < Math.max(FEW, draws))
    note(
      options,
      `For at least one row, the proposals count as only ${number(smallestEffective, 3)} independent draws: its ${number(draws)} draws repeat, and vary too little. A larger --draws makes more proposals.`,
    );
  if (left.length > 0)
    note(
      options,
      `Rows that keep their gaps: ${number(left.length)} (row ${number(left[0]! + 1)}${left.length > 1 ? ', …' : ''}). They lack a condition that no training row lacked, have a cell that is out of bounds, or cannot fulfil --given.`,
    );
  const { row, draw } = placesBeside(frame);
  if (draws > 1 && (row !== 'row' || draw !== 'draw'))
    note(
      options,
      `The file already has a column "row" or "draw", so the number of the row is in the column "${row}", and the number of the draw in "${draw}".`,
    );
};

const assertNewTable = async (out: string, options: NewFileOptions): Promise<void> => {
  const extension = extname(out).toLowerCase();
  // A .npy file cannot store strings or names of columns.
  if (!WRITABLE.includes(extension)) throw unknownName('cli', `extension of --out ${out}`, extension, WRITABLE);
  await assertNewFile(out, options);
};

/** @throws `option` for more completed rows than fit into memory or into the output text. */
const assertRoom = ({ rows, columns }: Frame, draws: number, out: string | undefined): void => {
  const numbers = out === undefined ? MOST_JSON : extname(out).toLowerCase() === '.csv' ? MOST_TEXT : MOST_NUMBERS;
  const most = Math.floor(numbers / (columns.length + 2) / Math.max(1, rows));
  if (draws <= most) return;
  throw new FlowError('option', 'cli', 'Too many rows in one call', {
    expected: `--draws of at most ${number(most)} ${out === undefined ? 'to standard output' : `into ${out}`}`,
    got: number(draws),
    hint:
      numbers === MOST_NUMBERS
        ? 'Fill the file in parts.'
        : 'Give --out with a .parquet file, or fill the file in parts.',
  });
};
