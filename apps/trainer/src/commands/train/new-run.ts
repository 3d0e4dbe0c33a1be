import { type Backend, scoped, unknownName } from '@impflow/core';
import type { PluginSpec } from '@impflow/flows';
import { optimizers, runKey } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import { startBackend } from '../../backends/backends.ts';
import { startFastest } from '../../backends/choose-backend.ts';
import { localWorkers, workersOn } from '../../backends/workers.ts';
import { provenance } from '../../checkpoint/provenance.ts';
import type { RunRecord } from '../../checkpoint/record.ts';
import { loadRunData } from '../../dataset/run-data.ts';
import { chooseKind, kindOfData } from '../../kinds/choose-kind.ts';
import { newPlan } from '../../kinds/kinds.ts';
import type { Plan } from '../../kinds/plan.ts';
import { pluginSpec } from '../../plugins/plugin-spec.ts';
import { type AllRegistries, sourceOf, registriesWith } from '../../plugins/registries.ts';
import { type Chosen, strictRegistries } from '../../plugins/strict-registries.ts';
import { findNewFolder } from '../../run-folder/folder.ts';
import { DEFAULTS, FITTED, type Settings, type TrainOptions, dataOf, newSettings } from '../../settings/settings.ts';
import type { PreparedRun } from './prepared-run.ts';

/**
 * Prepares a new run.
 *
 * @throws for every error that can be found before training.
 */
export const newRun = async (given: TrainOptions, signal: AbortSignal): Promise<PreparedRun> => {
  const registries = await registriesWith(given.plugin, given);
  const source = sourceOf(registries, dataOf(given));
  const kindByOptions = await chooseKind(given, registries);
  const strict = strictRegistries(registries, chosenBy(given, registries));
  // Checked before the data are read, which may take long, and again below, when the name of the data is known.
  if (given.out !== undefined) await findNewFolder({ name: '', ...given });
  // Also before the data: an unavailable backend is reported at once.
  const asked = given.backend === 'auto' ? undefined : await startBackend(given.backend, strict.backend);
  const seed = given.seed ?? DEFAULTS.seed;
  const data = await loadRunData(source, runKey(seed, 'data'));
  const kind = kindOfData(kindByOptions, data, given, registries);
  const settings = newSettings(given, kind.sizeOf(data), kind);
  const backend = asked ?? (await backendFor(newPlan(kind, data, settings), settings, strict, given, signal));
  await findNewFolder({ name: data.name, ...given });
  const prepare = (planned: Settings): PreparedRun => {
    const plan = newPlan(kind, data, planned);
    const complete = { ...planned, backend: backend.name, workers: workersOn(backend, planned.workers!, given) };
    const trainee = plan.build({ key: runKey(seed, 'weights'), registries: strict, memory: complete.memory ?? 'keep' });
    const { model } = trainee;
    scoped(() => {
      const batch = tensor(plan.rowsOfStep(0), [complete.batch, ...plan.shape]);
      model.initialize(batch);
      model.check(batch, runKey(seed, 'steps'));
    });
    const record: RunRecord = {
      data: dataOf(complete),
      ...plan.record,
      options: complete,
      provenance: provenance(data),
    };
    return {
      name: data.name,
      settings: complete,
      plan,
      trainee,
      record,
      state: {
        step: 0,
        optimizer: optimizers.create({ name: complete.optimizer }).init(model.model.parameters),
        sinceBest: 0,
      },
    };
  };
  const timed = settings.seconds === undefined ? undefined : kind.chooseSettings?.(data, given);
  const run = prepare(timed?.settings ?? settings);
  const secondRun = timed?.secondRun;
  if (secondRun === undefined) return run;
  return {
    ...run,
    secondRun: {
      isNeeded: (state) => secondRun.isNeeded(run.trainee.model, state),
      prepare: () => prepare(secondRun.settings),
    },
  };
};

/**
 * The plugins that the options of a new run name.
 *
 * @throws `registry` for an unknown one; `option` for an option that the method does not have.
 */
const chosenBy = (given: TrainOptions, registries: AllRegistries): Chosen => {
  const spec = (option: 'solver' | 'adjoint' | 'logdet' | 'activation' | 'base' | 'model'): PluginSpec | undefined =>
    given[option] === undefined ? undefined : pluginSpec(`--${option}`, given[option]);
  const chosen = {
    solver: spec('solver'),
    adjoint: spec('adjoint'),
    logDet: spec('logdet'),
    activation: spec('activation'),
    base: spec('base'),
  };
  for (const [kind, plugin] of Object.entries(chosen) as [keyof typeof chosen, PluginSpec | undefined][]) {
    const more = kind === 'base' ? [FITTED] : [];
    if (plugin !== undefined && !registries[kind].has(plugin.name) && !more.includes(plugin.name))
      throw unknownName('cli', `value of --${kind.toLowerCase()}`, plugin.name, [...registries[kind].names, ...more]);
  }
  // These hold no tensors, so they can be created, and checked, before the data are read. The others are created with
  // the model.
  const checked = strictRegistries(registries, chosen);
  for (const kind of ['solver', 'adjoint', 'logDet'] as const)
    if (chosen[kind] !== undefined) checked[kind].create(chosen[kind]);
  return { ...chosen, block: spec('model') };
};

const backendFor = (
  plan: Plan,
  settings: Settings,
  { backend: backends }: Pick<AllRegistries, 'backend'>,
  given: TrainOptions,
  signal: AbortSignal,
): Promise<Backend> =>
  startFastest(
    { spec: plan.spec, settings, workers: localWorkers(given.workers ?? 'auto'), rows: plan.rowsOfStep(0), backends },
    given,
    signal,
  );
