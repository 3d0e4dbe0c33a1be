import { key } from '@impflow/core';
import { assertNewFile } from '@impflow/jobs';
import { pickFrameRows, toCsvFrame, writeFrame, type Frame } from '@impflow/tables';
import { number, rowsOfFrame, sampleGiven } from 'impflow/run';
import type { Answer, SampleOptions } from '../kinds/answer.ts';
import { assertRoomFor } from '../settings/room.ts';
import { note } from '../terminal/output.ts';
import { conditionsOf, isEvent } from './conditions.ts';
import type { LoadedTable } from './loaded-table.ts';

/**
 * Default numbers of draws. `all` is the total number of draws if there are no conditions. `each` is the number of
 * draws for each row of conditions.
 */
const ROWS = { all: 1000, each: 1 } as const;

/**
 * Draws rows, into a file or as CSV to standard output. With conditions, it draws `n` rows for each row of conditions.
 *
 * @throws `option` for too many rows, or for missing conditions; `input` for a file that exists (unless `force` is set);
 * the errors of `sample` of a model.
 */
export const sampleTable = async (
  { density: { spec }, rows: trained, registries }: LoadedTable,
  options: SampleOptions,
): Promise<Answer> => {
  const { n, seed, temperature, out, force, given } = options;
  if (out !== undefined) await assertNewFile(out, { force, inputs: given === undefined ? [] : [given] });
  const event = given !== undefined && isEvent(spec, given) ? given : undefined;
  const conditions = event === undefined ? await conditionsOf(spec, given, registries) : undefined;
  const rows =
    conditions === undefined
      ? (n ?? ROWS.all)
      : conditions.rows * (n ?? (conditions.rows === 1 ? ROWS.all : ROWS.each));
  assertRoomFor(rows, spec.columns.length, out);
  const drawn =
    event === undefined
      ? trained.sample(rows, {
          key: key(seed),
          temperature,
          ...(conditions === undefined ? {} : { given: repeated(conditions, rows / conditions.rows) }),
        })
      : sampleGiven(trained, rows, { given: event, seed, temperature });
  for (const remark of drawn.remarks ?? []) note(options, remark);
  if (out !== undefined) await writeFrame(out, drawn);
  return {
    json: {
      rows,
      columns: spec.columns.map(({ name }) => name),
      ...(out === undefined ? { samples: rowsOfFrame(drawn) } : { out }),
    },
    text: () => (out === undefined ? toCsvFrame(drawn).trimEnd() : `${number(rows)} rows written to ${out}`),
  };
};

/** Repeats each row of a frame `times` times. The copies of a row follow each other. */
const repeated = (frame: Frame, times: number): Frame =>
  times === 1
    ? frame
    : pickFrameRows(
        frame,
        Uint32Array.from({ length: frame.rows * times }, (_, i) => Math.floor(i / times)),
      );
