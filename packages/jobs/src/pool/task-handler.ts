import { key, type TaskHandler, type TaskOptions } from '@impflow/core';
import { frameOf, readingFor, writeFrame, type TrainedRecords } from '@impflow/tables';
import { scorePart } from '../parts/score-part.ts';
import { writtenPart } from '../parts/written-part.ts';
import type { TaskProgram } from '../program/program.ts';
import type { ResultOf, Task, SampleTask, WrittenPart } from '../tasks/task.ts';
import { fitInFolder } from '../train/fit-in-folder.ts';
import { trainTask } from '../train/train-task.ts';
import { openedModels } from './opened-models.ts';

/** Returns a function that runs tasks in this process. The first task starts the backend. */
export const taskHandler = (program: TaskProgram = {}): TaskHandler<Task, ResultOf<Task>> => {
  const modelOf = openedModels(program);
  return async (task, how) => {
    switch (task.kind) {
      case 'score':
        return scorePart(await modelOf(task), task, how);
      case 'sample':
        return samplePart(await modelOf(task), task, how);
      case 'train':
        return trainTask(task, program.train ?? fitInFolder(program), how);
    }
  };
};

/**
 * Draws consecutive rows of a large sample and writes them. The rows equal the rows that the whole sample has at these
 * positions.
 */
const samplePart = async (
  trained: TrainedRecords,
  { out, first, count, seed, temperature, given }: SampleTask,
  { onProgress }: Required<TaskOptions>,
): Promise<WrittenPart> => {
  const { categories } = readingFor(trained.density.spec.columns);
  const conditions = given === undefined ? {} : { given: frameOf([given], 'given', { categories }) };
  await writeFrame(out, trained.sample(count, { key: key(seed), temperature, first, ...conditions }));
  onProgress(count);
  return writtenPart(out, count);
};
