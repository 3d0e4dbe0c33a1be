import { key, type TaskOptions } from '@impflow/core';
import { frameOf, writeFrame, type TrainedRecords } from '@impflow/tables';
import type { SampleTask, WrittenPart } from '../tasks/task.ts';
import { writtenPart } from './written-part.ts';

/** Draws some rows of a sample and writes them. They are those that the whole sample has at their places. */
export const samplePart = async (
  trained: TrainedRecords,
  { out, first, count, seed, temperature, given }: SampleTask,
  { onProgress }: Required<TaskOptions>,
): Promise<WrittenPart> => {
  const conditions = given === undefined ? {} : { given: frameOf([given], 'given') };
  await writeFrame(out, trained.sample(count, { key: key(seed), temperature, first, ...conditions }));
  onProgress(count);
  return writtenPart(out, count);
};
