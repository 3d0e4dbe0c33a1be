import { FlowError, release } from '@impflow/core';
import type { TrainedRecords } from '@impflow/tables';
import { methodSpec, openDensity, registriesOf, strictRegistries, trainedDensity, type ModelSpec } from 'impflow/run';
import { readRun } from '../parts/read-run.ts';
import type { TaskProgram } from '../program/program.ts';
import { startOwn } from '../program/start-own.ts';
import type { PartTask } from '../tasks/task.ts';

/**
 * Opens the model of a task and starts its backend. The model of the previous task is kept, because the tasks of a job
 * use one model. The kept model is freed when a task needs another model.
 *
 * @throws `checkpoint` if the checkpoint is not the checkpoint of the task, or contains another kind of model.
 */
export const openedModels = (program: TaskProgram): ((task: PartTask) => Promise<TrainedRecords>) => {
  let last: { readonly key: string; readonly model: TrainedRecords } | undefined;
  return async (task) => {
    const logdet = task.kind === 'score' ? task.logdet : undefined;
    const key = JSON.stringify([task.run, task.checkpoint, task.backend, logdet]);
    if (last?.key === key) return last.model;
    if (last !== undefined) release(flowOf(last.model));
    last = undefined;
    const model = await openedModel(task, logdet, program);
    last = { key, model };
    return model;
  };
};

/** Returns the parameters and buffers of a model, so that they can be freed with the model. */
const flowOf = ({ density: { flow } }: TrainedRecords): object => ({ ...flow.parameters, ...flow.buffers });

const openedModel = async (
  { run, checkpoint: asked, backend }: PartTask,
  logdet: string | undefined,
  { registries = registriesOf(), startBackend = startOwn }: TaskProgram,
): Promise<TrainedRecords> => {
  const { checkpoint, sha256, source } = await readRun(run);
  if (sha256 !== asked)
    throw new FlowError('checkpoint', 'jobs/openedModels', `The checkpoint of ${run} has changed`, {
      expected: `the checkpoint with the SHA-256 ${asked.slice(0, 12)}…`,
      got: `${sha256.slice(0, 12)}…`,
      hint: 'Start a new job with another output folder.',
    });
  await startBackend(backend, checkpoint.spec as ModelSpec);
  const named = logdet === undefined ? undefined : methodSpec('logdet', logdet);
  if (named !== undefined) strictRegistries(registries, { logDet: named }).logDet.create(named);
  return trainedDensity(openDensity(checkpoint, registries, source, named), checkpoint.extra ?? {});
};
