import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeAtomically } from '@impflow/core';
import { number } from 'impflow/run';
import type { ScoreOptions } from '../../kinds/answer.ts';
import { note } from '../../terminal/output.ts';
import { greatestFirst, type Explained } from './explained.ts';
import { cellText } from './reason-texts.ts';

/** Number of rows in the picture. */
const ROWS = 12;

/** Arguments of {@link writeReasons}. */
interface ReasonsToDraw {
  readonly explained: Explained;
  readonly logDensities: ArrayLike<number>;
  /** Name of the file with the rows. */
  readonly source: string;
  readonly options: ScoreOptions;
}

/**
 * Draws the explanations of the least likely rows into a `.png` file beside the file of scores, with the same name.
 * Returns the path of the picture. Returns undefined if the scores are not written to a file, or if the picture exists
 * and `force` is not set.
 */
export const writeReasons = async ({
  explained,
  logDensities,
  source,
  options,
}: ReasonsToDraw): Promise<string | undefined> => {
  const { out, force = false } = options;
  if (out === undefined || explained.rows.length === 0) return undefined;
  const path = out.replace(/\.[^.]+$/, '.png');
  if (!force && (await stat(path).catch(() => undefined)) !== undefined) {
    note(options, `${path} exists already: no picture is drawn. Replace it with --force.`);
    return undefined;
  }
  const rows = explained.rows
    .slice(0, ROWS)
    .map((row) => ({
      title: `row ${number(row + 1)}: log density ${number(logDensities[row])}`,
      reasons: greatestFirst(explained.ofRow.get(row)!).map(({ column, value, typical, part }) => ({
        column,
        part,
        value: cellText(value),
        typical: cellText(typical),
      })),
    }));
  const { reasonsPlot } = await import('@impflow/plots');
  await writeAtomically(path, reasonsPlot({ title: `Why rows of ${basename(source)} are unlikely`, rows }));
  return path;
};
