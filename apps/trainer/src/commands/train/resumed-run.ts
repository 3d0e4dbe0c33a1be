import { FlowError, sizeOf } from '@impflow/core';
import { restoreVariables, stateFrom } from '@impflow/training';
import { startBackend } from '../../backends/backends.ts';
import { startFastest } from '../../backends/choose-backend.ts';
import { workersOn } from '../../backends/workers.ts';
import { buildingFrom } from '../../checkpoint/building-from.ts';
import { readCheckpoint } from '../../checkpoint/read-checkpoint.ts';
import { NEEDED } from '../../checkpoint/record-schema.ts';
import { sameData } from '../../checkpoint/same-data.ts';
import { kindOf } from '../../kinds/kinds.ts';
import { eventShapeOf } from '../../model/model.ts';
import { registriesWith } from '../../plugins/registries.ts';
import type { Claim } from '../../run-folder/claim.ts';
import { type Settings, type TrainOptions, checkUntil, resumedSettings, stepsOf } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import { note } from '../../terminal/output.ts';
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
  const registries = await registriesWith(given.plugin, given);
  const { checkpoint, spec, record } = await readCheckpoint(paths.checkpoint);
  const saved = record.options as Settings | undefined;
  if (saved === undefined || record.data === undefined || checkpoint.training === undefined) {
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
  const wanted = resumedSettings(given, saved, { folder: paths.folder, dim: sizeOf(eventShapeOf(spec)) });
  const asked = wanted.backend === 'auto' ? undefined : await startBackend(wanted.backend, registries.backend);
  const data = await sameData(record, checkpoint.seed, { folder: paths.folder, registries });
  const kind = kindOf(spec);
  const { rows } = kind.sizeOf(data);
  if (wanted.batch > rows)
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint}: the batch of the run is larger than its data`, {
      expected: `at most ${number(rows)}`,
      got: number(wanted.batch),
      hint: 'Start a new run.',
    });
  const plan = kind.plan(data, wanted, spec);
  const backend =
    asked ??
    (await startFastest(
      { spec, settings: wanted, workers: wanted.workers ?? 1, rows: plan.rowsOfStep(0), backends: registries.backend },
      given,
      signal,
    ));
  const resumed = { ...wanted, backend: backend.name, workers: workersOn(backend, wanted.workers ?? 1, given) };
  if (resumed.backend !== saved.backend)
    note(given, `The run was on the backend ${saved.backend}: on ${resumed.backend} the last digits differ.`);
  if (resumed.workers !== (saved.workers ?? 1))
    note(given, `The run had ${saved.workers ?? 1} workers: with ${resumed.workers} the last digits differ.`);
  const trainee = buildingFrom(checkpoint, paths.checkpoint, () =>
    plan.build({ registries, memory: resumed.memory ?? 'keep' }),
  );
  const { parameters, buffers } = trainee.model.model;
  restoreVariables(parameters, checkpoint.tensors, 'parameters', paths.checkpoint);
  restoreVariables(buffers, checkpoint.tensors, 'buffers', paths.checkpoint);
  const state = stateFrom(checkpoint.tensors, checkpoint.training);
  const steps = stepsOf({ ...given, data: resumed.data, batch: resumed.batch }, plan.size) ?? resumed.steps;
  if (steps < state.step)
    throw new FlowError('option', 'cli', `The run in ${paths.folder} is longer already`, {
      expected: `at least ${number(state.step)} steps`,
      got: number(steps),
      hint: 'Steps count from the start of the run.',
    });
  checkUntil(given.until, steps);
  if (steps > resumed.horizon && resumed.schedule === 'cosine') {
    note(
      given,
      `The cosine schedule was laid out for ${number(resumed.horizon)} steps: the learning rate stays at its floor of 1 % after them.`,
    );
  }
  const settings = { ...resumed, steps };
  return { name: data.name, settings, plan, trainee, state, record: { ...record, options: settings } };
};
