import { key, type TaskHandler, type TaskOptions } from '@impflow/core';
import { frameOf, readingFor, writeFrame, type TrainedRecords } from '@impflow/tables';
import { scorePart } from '../parts/score-part.ts';
import { writtenPart } from '../parts/written-part.ts';
import type { TaskProgram } from '../program/program.ts';
import type { ResultOf, Task, SampleTask, WrittenPart } from '../tasks/task.ts';
import { fitInFolder } from '../train/fit-in-folder.ts';
import { trainTask } from '../train/train-task.ts';
import { openedModels } from './opened-models.ts';

/** Runs tasks in this process, with a backend that the first task starts. */
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

/** Draws some rows of a sample and writes them. They equal the rows at the same places of the whole sample. */
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
