import { FlowError, key } from '@impflow/core';
import { frameOf, pickFrameRows, toCsvFrame, writeFrame, type Frame } from '@impflow/data';
import { trainedRecords, type ColumnSpec, type RecordsSpec } from '@impflow/records';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { readRecords } from '../../dataset/load-records.ts';
import { dataNames, isPath } from '../../dataset/source.ts';
import { assertRoomFor } from '../../model/draw-samples.ts';
import type { RecordsModel } from '../../model/model.ts';
import { sourceOf, type AllRegistries } from '../../plugins/registries.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import { objectsOf } from '../objects-of.ts';
import type { Answer, SampleOptions } from '../run-commands.ts';

/** Draws without conditions, or per row of conditions. */
const ROWS = { all: 1000, each: 1 } as const;

/**
 * Draws records, into a file or as CSV to standard output. With conditions: `n` draws for each of their rows.
 *
 * @throws `option` for too many, or for missing conditions; `input` for a file that exists, unless forced.
 */
export const sampleRecords = async (
  { model: { records, spec }, registries }: LoadedRun<RecordsModel>,
  { n, seed, temperature, out, force, given }: SampleOptions,
): Promise<Answer> => {
  if (out !== undefined) await assertNewFile(out, force);
  const conditions = await conditionsOf(spec, given, registries);
  const rows =
    conditions === undefined
      ? (n ?? ROWS.all)
      : conditions.rows * (n ?? (conditions.rows === 1 ? ROWS.all : ROWS.each));
  assertRoomFor(rows, spec.columns.length, out);
  const drawn = trainedRecords(records).sample(rows, {
    key: key(seed),
    temperature,
    ...(conditions === undefined ? {} : { given: repeated(conditions, rows / conditions.rows) }),
  });
  if (out !== undefined) await writeFrame(out, drawn);
  return {
    json: {
      rows,
      columns: spec.columns.map(({ name }) => name),
      ...(out === undefined ? { samples: objectsOf(drawn) } : { out }),
    },
    text: () => (out === undefined ? toCsvFrame(drawn).trimEnd() : `${number(rows)} rows written to ${out}`),
  };
};

/**
 * The conditions of `--given`: a file with their columns, or texts such as `x1=3`.
 *
 * @throws `option` for a condition that the model does not have, or lacks.
 */
const conditionsOf = async (
  { columns }: RecordsSpec,
  given: readonly string[] | undefined,
  registries: AllRegistries,
): Promise<Frame | undefined> => {
  const names = columns.filter((column) => column.given === true).map(({ name }) => name);
  if (given === undefined) {
    if (names.length === 0) return undefined;
    throw wrong(
      'No conditions to draw under',
      `--given with ${names.map((name) => `${name}=…`).join(',')}, or a file`,
      'none',
    );
  }
  if (names.length === 0)
    throw wrong('The model has no conditions', 'a run trained with --given', `--given ${given.join(',')}`);
  const [first] = given;
  if (
    given.length === 1 &&
    !first!.includes('=') &&
    (isPath(first!) || registries.data.has(first!) || dataNames().includes(first!))
  )
    return readRecords(sourceOf(registries, { data: first! }));
  const cells = Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at > 0)
        return [
          text.slice(0, at),
          cellOf(
            text.slice(at + 1),
            columns.find(({ name }) => name === text.slice(0, at)),
          ),
        ];
      throw wrong('Wrong condition', 'name=value, or a file of rows', text);
    }),
  );
  const unknown = Object.keys(cells).find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrong(`"${unknown}" is no condition of the model`, names.join(', '), unknown);
  return frameOf([cells], '--given');
};

/** A condition as a cell: a number where the column holds numbers. */
const cellOf = (text: string, column: ColumnSpec | undefined): string | number => {
  if (column?.kind !== 'number' || column.date !== undefined) return text;
  const value = Number(text);
  if (text.trim() !== '' && !Number.isNaN(value)) return value;
  throw wrong(`Wrong value of the condition ${column.name}`, 'a number', `"${text}"`);
};

const wrong = (what: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'cli', what, {
    expected,
    got,
    hint: 'See: impflow inspect, which lists the conditions of a run.',
  });

/** Each row of a frame `times` times, one after the other. */
const repeated = (frame: Frame, times: number): Frame =>
  times === 1
    ? frame
    : pickFrameRows(
        frame,
        Uint32Array.from({ length: frame.rows * times }, (_, i) => Math.floor(i / times)),
      );
