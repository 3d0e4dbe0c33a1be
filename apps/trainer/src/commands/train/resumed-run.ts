import { FlowError, sizeOf } from '@impflow/core';
import { restoreVariables, stateFrom } from '@impflow/training';
import { kindOf } from '../../kinds/kinds.ts';
import { startBackend } from '../../backends/backends.ts';
import type { Claim } from '../../run-folder/claim.ts';
import { sameData } from '../../checkpoint/same-data.ts';
import { rebuilt } from '../../checkpoint/load-run.ts';
import { withPlugins } from '../../plugins/registries.ts';
import { readCheckpoint } from '../../checkpoint/read-checkpoint.ts';
import { NEEDED } from '../../checkpoint/record-schema.ts';
import { type Settings, type TrainOptions, resumedSettings, stepsOf } from '../../settings/settings.ts';
import { number } from '../../terminal/table.ts';
import { note } from '../../terminal/output.ts';
import { pickedBackend, workersOn } from '../../backends/pick-backend.ts';
import type { PreparedRun } from './prepared-run.ts';

/**
 * Prepares a run that resumes from its checkpoint.
 *
 * @throws for every error that can be found before training.
 */
export const resumedRun = async (
  given: TrainOptions,
  { paths }: Pick<Claim, 'paths'>,
  signal: AbortSignal,
): Promise<PreparedRun> => {
  const registries = await withPlugins(given.plugin, given);
  const { checkpoint, spec, record: before } = await readCheckpoint(paths.checkpoint);
  const saved = before.options as Settings | undefined;
  if (saved === undefined || before.data === undefined || checkpoint.training === undefined) {
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} cannot be resumed`, {
      expected: 'a model with the state of its training',
      got: 'a model alone',
      hint: 'Start a new run.',
    });
  }
  const missing = NEEDED.find((name) => saved[name] === undefined);
  if (missing !== undefined)
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} cannot be resumed`, {
      expected: `the option ${missing} of the run`,
      got: 'none',
      hint: 'Start a new run.',
    });
  const planned = resumedSettings(given, saved, {
    folder: paths.folder,
    dim: sizeOf(spec.shape ?? [(spec as { readonly dim: number }).dim]),
  });
  const asked = planned.backend === 'auto' ? undefined : await startBackend(planned.backend, registries.backend);
  const data = await sameData(before, checkpoint.seed, { folder: paths.folder, names: registries });
  const kind = kindOf(spec);
  const { rows } = kind.sizeOf(data);
  if (planned.batch > rows)
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint}: the batch of the run is larger than its data`, {
      expected: `at most ${number(rows)}`,
      got: number(planned.batch),
      hint: 'Start a new run.',
    });
  const plan = kind.plan(data, planned, spec);
  const backend =
    asked ??
    (await pickedBackend(
      { spec, settings: planned, workers: planned.workers ?? 1, rows: plan.batch(0), backends: registries.backend },
      given,
      signal,
    ));
  const kept = { ...planned, backend: backend.name, workers: workersOn(backend, planned.workers ?? 1, given) };
  if (kept.backend !== saved.backend)
    note(given, `The run was on the backend ${saved.backend}: on ${kept.backend} the last digits differ.`);
  if (kept.workers !== (saved.workers ?? 1))
    note(given, `The run had ${saved.workers ?? 1} workers: with ${kept.workers} the last digits differ.`);
  const trainee = rebuilt(checkpoint, paths.checkpoint, () => plan.build({ registries, memory: kept.memory ?? 'keep' }));
  const { model } = trainee.learned;
  restoreVariables(model.parameters, checkpoint.tensors, 'parameters', paths.checkpoint);
  restoreVariables(model.buffers, checkpoint.tensors, 'buffers', paths.checkpoint);
  const state = stateFrom(checkpoint.tensors, checkpoint.training);
  const steps = stepsOf({ ...given, data: kept.data, batch: kept.batch }, plan.size) ?? kept.steps;
  if (steps < state.step)
    throw new FlowError('option', 'cli', `The run in ${paths.folder} is longer already`, {
      expected: `at least ${number(state.step)} steps`,
      got: number(steps),
      hint: 'Steps count from the start of the run.',
    });
  if (steps > kept.horizon && kept.schedule === 'cosine') {
    note(
      given,
      `The cosine schedule was laid out for ${number(kept.horizon)} steps: the learning rate stays at its floor of 1 % after them.`,
    );
  }
  const settings = { ...kept, steps };
  return { name: data.name, settings, plan, trainee, state, record: { ...before, options: settings } };
};
