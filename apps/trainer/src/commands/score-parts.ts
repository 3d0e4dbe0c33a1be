import { readdir, stat } from 'node:fs/promises';
import { FlowError } from '@impflow/core';
import { isAddress, isFolder, scoreTable } from '@impflow/jobs';
import { extensionOf, isTableFile } from '@impflow/tables';
import { dataNames } from '../dataset/source.ts';
import type { ScoreOptions } from '../kinds/answer.ts';
import { inParts } from './in-parts.ts';
import { partScoresAnswer } from './parts-answer.ts';

/** Size in bytes from which a file is scored in parts. A smaller file is scored in memory. */
const LARGE_BYTES = 2 ** 26;
/** The same for a file that is packed by gzip, because its text is about eight times as long. */
const LARGE_PACKED_BYTES = LARGE_BYTES / 8;

/**
 * Whether a table is scored in parts. A table is scored in parts if the scores go to a folder or through a queue, if
 * `--workers` or `--share` is given, or if the table is large, a folder, a pattern or an address.
 */
export const isScoredInParts = async (data: string, { out, queue, workers, share }: ScoreOptions): Promise<boolean> => {
  if (dataNames().includes(data)) return false;
  if (queue !== undefined || workers !== undefined || share !== undefined) return true;
  if (isAddress(data)) return true;
  const found = await stat(data).catch(() => undefined);
  if (found === undefined) return /[*?]/.test(data);
  if (found.isDirectory()) return holdsTables(data);
  const large = extensionOf(data).endsWith('.gz') ? LARGE_PACKED_BYTES : LARGE_BYTES;
  return found.size >= large || (out !== undefined && (await isFolder(out)));
};

/** Whether a folder holds files of tables. A folder of images holds no such files. */
const holdsTables = async (folder: string): Promise<boolean> => (await readdir(folder)).some(isTableFile);

/**
 * Scores a table of any size in parts, on all cores or through a queue. A repeated call continues an interrupted call.
 * Returns the exit code.
 *
 * @throws `option` for `--explain` and `--repair`; `input` for a folder with parts of another job.
 */
export const scoreInParts = async (
  run: string,
  data: string,
  options: ScoreOptions,
  signal: AbortSignal,
): Promise<number> => {
  const option = options.explain === true ? '--explain' : options.repair === true ? '--repair' : undefined;
  if (option !== undefined)
    throw new FlowError('option', 'cli', `${option} needs all rows in memory`, {
      expected: 'a file of less than 64 MiB, without --queue and --workers',
      got: data,
      hint: `Copy the least likely rows into a separate file, and give ${option} with that file.`,
    });
  if (options.given !== undefined)
    throw new FlowError('option', 'cli', '--given needs all rows in memory', {
      expected: 'a file of less than 64 MiB, without --queue and --workers',
      got: data,
      hint: 'Score without --given, and subtract the logarithm that impflow probability returns.',
    });
  const { header, ...rest } = options;
  return inParts('Scored', options, signal, async (how) => {
    const scored = await scoreTable(run, data, {
      ...rest,
      ...how,
      ...(header === undefined ? {} : { header: header === 'yes' }),
    });
    return scored === undefined ? undefined : partScoresAnswer(data, scored, options.out);
  });
};
