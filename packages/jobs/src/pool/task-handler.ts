import type { TaskHandler } from '@impflow/core';
import { samplePart } from '../parts/sample-part.ts';
import { scorePart } from '../parts/score-part.ts';
import type { TaskProgram } from '../program/program.ts';
import type { ResultOf, Task } from '../tasks/task.ts';
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
