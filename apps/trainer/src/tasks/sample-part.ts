import { FlowError, key } from '@impflow/core';
import { frameOf, writeFrame, writeTable, trainedRecords } from '@impflow/tables';
import type { LoadedRun } from '../checkpoint/load-run.ts';
import { drawnRows } from '../kinds/rows/sample.ts';
import { isImagesSpec } from '../model/model.ts';
import type { SampleTask, WrittenPart } from './task.ts';
import { writtenPart } from './written-part.ts';

/**
 * Draws some rows of a sample and writes them. They are those that `sample` gives at their places.
 *
 * @throws `option` for a run on images; `convergence` for rows that are not finite.
 */
export const samplePart = async (
  { model, record, paths }: LoadedRun,
  { out, first, count, seed, temperature, given }: SampleTask,
  onProgress: (done: number) => void,
): Promise<WrittenPart> => {
  if (model.kind === 'records')
    await writeFrame(
      out,
      trainedRecords(model.records).sample(count, {
        key: key(seed),
        temperature,
        first,
        ...(given === undefined ? {} : { given: frameOf([given], '--given') }),
      }),
    );
  else if (model.kind === 'flow' && !isImagesSpec(model.spec))
    await writeTable(out, drawnRows({ model, record }, { first, count, seed, temperature }));
  else
    throw new FlowError('option', 'cli', `${paths.folder} has no rows`, {
      expected: 'a run on a table',
      got: 'a run on images',
      hint: 'Draw images with sample, without --queue.',
    });
  onProgress(count);
  return writtenPart(out, count);
};
