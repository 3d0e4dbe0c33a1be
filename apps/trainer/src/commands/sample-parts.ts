import { FlowError } from '@impflow/core';
import { isFolder, sampleTable } from '@impflow/jobs';
import { assertTemperature, conditionValues, frameOf, readingFor, type RecordsSpec } from '@impflow/tables';
import { isClassifierSpec, isImagesSpec, number, readModel, tableSpecOf } from 'impflow/run';
import { localRun } from '../checkpoint/local-run.ts';
import type { SampleOptions } from '../kinds/answer.ts';
import { findRun } from '../run-folder/folder.ts';
import { names } from '../settings/names.ts';
import { conditionCells, isEvent } from '../tables/conditions.ts';
import { note } from '../terminal/output.ts';
import { inParts } from './in-parts.ts';
import { filesText } from './parts-answer.ts';

/**
 * Maximum count of numbers (rows times columns) in samples that are drawn in memory. Larger samples are drawn in parts.
 */
const LARGE_NUMBERS = 2 ** 22;
/** Number of rows if the flag `-n` is not given. */
const USUAL_ROWS = 1000;

/**
 * Returns the spec of the run if its rows are to be drawn in parts: into a folder, through a queue, by several
 * processes, or because the sample is very large. Returns undefined for other samples, and for a run on images.
 */
export const partSample = async (
  run: string,
  { out, queue, workers, share, n = USUAL_ROWS }: SampleOptions,
): Promise<RecordsSpec | undefined> => {
  const local = await localRun(run);
  try {
    const paths = await findRun(local.path);
    const { checkpoint } = await readModel(paths.checkpoint);
    if (isImagesSpec(checkpoint.spec) || isClassifierSpec(checkpoint.spec)) return undefined;
    const spec = tableSpecOf(checkpoint, paths.checkpoint);
    const isInParts =
      queue !== undefined ||
      workers !== undefined ||
      share !== undefined ||
      (out !== undefined && ((await isFolder(out)) || n * spec.columns.length > LARGE_NUMBERS));
    return isInParts ? spec : undefined;
  } finally {
    await local.remove();
  }
};

/**
 * Draws any number of rows in parts, on all cores or through a queue. The rows equal the rows that a single process
 * draws. A repeated call continues an interrupted call. Returns the exit code.
 *
 * @throws `option` without `--out`, and for conditions from a file.
 */
export const sampleInParts = async (
  run: string,
  spec: RecordsSpec,
  options: SampleOptions,
  signal: AbortSignal,
): Promise<number> => {
  const { n = USUAL_ROWS, given: text, out, ...rest } = options;
  if (out === undefined)
    throw new FlowError('option', 'cli', 'Drawing samples in parts needs --out', {
      expected: 'a file or a folder',
      got: 'none',
      hint: 'For example: --out samples/',
    });
  if (text !== undefined && isEvent(spec, text))
    throw new FlowError('option', 'cli', 'Rows that fulfil an event cannot be drawn in parts', {
      expected: 'a smaller number of rows in one file',
      got: `--given "${text}"`,
      hint: 'Leave out --queue, --workers and --share, and lower -n.',
    });
  const conditions = text === undefined ? undefined : names(text);
  if (conditions !== undefined && !conditions.every((text) => text.includes('=')))
    throw new FlowError('option', 'cli', 'Conditions from a file cannot be drawn in parts', {
      expected: '--given with values such as x1=3, or fewer rows in one file',
      got: `--given ${conditions.join(',')}`,
      hint: 'Leave out --queue and --workers.',
    });
  const given = conditionCells(spec, conditions);
  // Checks the options before any part is drawn.
  assertTemperature(options.temperature, 'cli');
  const { categories } = readingFor(spec.columns);
  const { remarks } = conditionValues(spec, given && frameOf([given], '--given', { categories }), 1);
  for (const remark of remarks) note(options, remark);
  return inParts('Drawn', options, signal, async (how) => {
    const drawn = await sampleTable(run, n, { ...rest, ...how, out, ...(given === undefined ? {} : { given }) });
    if (drawn === undefined) return undefined;
    return {
      json: { ...drawn, out },
      text: () => `${number(drawn.rows)} rows written to ${filesText(drawn.parts, out)}`,
    };
  });
};
