import { extname } from 'node:path';
import { FlowError } from '@impflow/core';
import { assertHeldOut } from '@impflow/jobs';
import type { FrameColumn, TrainedRecords } from '@impflow/tables';
import { number } from 'impflow/run';
import type { ScoreOptions } from '../../kinds/answer.ts';
import { note } from '../../terminal/output.ts';
import { columnOfCells } from '../frame-cells.ts';
import { alarmOf, alarmText } from './alarm.ts';
import { explained, greatestFirst, type CellReason, type Explained } from './explained.ts';
import type { Extras, ToJudge } from './extra.ts';
import { reasonText } from './reason-texts.ts';
import { writeReasons } from './reasons-picture.ts';
import { repaired } from './repaired.ts';

/**
 * @throws `option` for options that the run or the output file does not allow. Call this function before rows are
 * scored.
 */
export const assertExtras = (
  { alarm, explain = false, repair = false, out }: ScoreOptions,
  { heldOut, density }: TrainedRecords,
): void => {
  if (alarm !== undefined) assertHeldOut(heldOut?.rows);
  if (repair) assertHeldOut(heldOut?.rows, 'repair');
  const hasTexts = density.spec.columns.some((column) => column.kind === 'category' || column.date !== undefined);
  if (((explain && hasTexts) || repair) && out !== undefined && extname(out).toLowerCase() === '.npy')
    throw new FlowError('option', 'cli', `A .npy file cannot store text: ${out}`, {
      expected: `a .csv or .parquet file, because ${repair ? 'repairs are text' : 'typical values are text in some columns'}`,
      got: '.npy',
      hint: `Change the extension, or leave ${repair ? '--repair' : '--explain'} out.`,
    });
};

/** Flags, explains and repairs rows, and draws a picture of the explanations. */
export const extrasOf = async (scores: ToJudge, options: ScoreOptions): Promise<Extras> => {
  const parts = [
    alarmed(scores, options),
    await reasoned(scores, options),
    options.repair === true ? repaired(scores, options) : undefined,
  ].filter((part) => part !== undefined);
  return {
    columns: parts.flatMap(({ columns }) => columns),
    head: parts.flatMap(({ head }) => head),
    cells: (row) => parts.flatMap(({ cells }) => cells(row)),
    json: Object.assign({}, ...parts.map(({ json }) => json)) as object,
    jsonOf: (row) => Object.assign({}, ...parts.map(({ jsonOf }) => jsonOf(row))) as object,
    lines: parts.flatMap(({ lines }) => lines),
  };
};

const alarmed = ({ scores, trained }: ToJudge, options: ScoreOptions): Extras | undefined => {
  if (options.alarm === undefined) return undefined;
  const alarm = alarmOf(scores.pValues, options.alarm, { heldOut: trained.heldOut?.rows, options });
  const { flags, rate, flagged } = alarm;
  return {
    columns: [{ name: 'alarm', numbers: flags }],
    head: ['alarm'],
    cells: (row) => [flags[row]!],
    json: { alarm: { rate, flagged, ...(options.out === undefined ? { flags: [...flags] } : {}) } },
    jsonOf: (row) => ({ alarm: flags[row]! }),
    lines: [alarmText(alarm)],
  };
};

const reasoned = async (
  { trained, values, scores, frame, source }: ToJudge,
  options: ScoreOptions,
): Promise<Extras | undefined> => {
  if (options.explain !== true) return undefined;
  const { values: logDensities } = scores;
  const found = explained(trained, values, logDensities, { frame, quiet: options.quiet });
  const all = logDensities.length;
  if (found.rows.length < all)
    note(
      options,
      `Reasons for the ${number(found.rows.length)} least likely of ${number(all)} rows: the reasons for all rows would take too long.`,
    );
  const picture = await writeReasons({ explained: found, logDensities, source, options });
  const reasonsOf = (row: number): object => ({ reasons: greatestFirst(found.ofRow.get(row) ?? []) });
  return {
    columns: reasonColumns(found, all),
    head: ['reasons'],
    cells: (row) => [reasonText(found.ofRow.get(row) ?? [])],
    json: {
      explained: found.rows.length,
      ...(options.out === undefined ? { reasons: found.rows.map((row) => ({ row: row + 1, ...reasonsOf(row) })) } : {}),
      ...(picture === undefined ? {} : { picture }),
    },
    jsonOf: reasonsOf,
    lines: picture === undefined ? [] : [`Reasons of the least likely rows as a picture: ${picture}`],
  };
};

/**
 * Returns the columns `part:NAME`, `typical:NAME` and `percentile:NAME` of each target column. The cells of rows that
 * were not explained are empty.
 */
const reasonColumns = ({ columns, ofRow }: Explained, rows: number): readonly FrameColumn[] =>
  columns.flatMap((name, j) => {
    const column = (title: string, of: (reason: CellReason) => string | number | undefined): FrameColumn =>
      columnOfCells(
        `${title}:${name}`,
        Array.from({ length: rows }, (_, row) => {
          const reason = ofRow.get(row)?.[j];
          return reason === undefined ? undefined : of(reason);
        }),
      );
    return [
      column('part', ({ part }) => part),
      column('typical', ({ typical }) => typical),
      column('percentile', ({ percentile }) => percentile),
    ];
  });
