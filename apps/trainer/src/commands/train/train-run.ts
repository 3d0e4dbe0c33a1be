import { arch, cpus, platform } from 'node:os';
import { isFlowError, writeAtomically } from '@impflow/core';
import { decodeCheckpoint } from '@impflow/training';
import type { FitEvent, OnEvent } from 'impflow';
import { number, type DataPlace, type Provenance } from 'impflow/run';
import { portsOf, type RankZero } from '../../backends/ranks.ts';
import { startWorkers, workersFor } from '../../backends/workers.ts';
import { nameOf, placesOf } from '../../dataset/places.ts';
import type { Resumed, TrainEnd, Training } from '../../kinds/training.ts';
import { pluginHinted } from '../../plugins/plugin-hint.ts';
import { pluginSource, registriesWith, type AllRegistries } from '../../plugins/registries.ts';
import { claimExisting, claimNew, type Claim } from '../../run-folder/claim.ts';
import { findNewFolder, type RunPaths } from '../../run-folder/folder.ts';
import { stepWriter } from '../../run-folder/step-writer.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { note, printResult } from '../../terminal/output.ts';
import { VERSION, versionOf } from '../../version.ts';
import { backendFor } from './backend-for.ts';
import { fitDisplay } from './display.ts';
import { readResumed } from './resumed.ts';
import { trainingOf } from './training-of.ts';

/** Context of a training in this process. */
interface TrainContext {
  readonly signal: AbortSignal;
  /** Time of the start of the command, as `performance.now()` returns it. */
  readonly startedAt: number;
  /** The MPI job, if this process is its rank 0. */
  readonly job?: RankZero | undefined;
  /** Receives the events of the training, which the display receives too. */
  readonly onEvent?: OnEvent | undefined;
}

/** Trains a model and writes a run folder. Returns the exit code. */
export const trainRun = async (given: TrainOptions, context: TrainContext): Promise<number> => {
  // The run to resume is read after its folder is locked. Before the folder is locked, another process might still
  // write the last steps of the run.
  const own: { claim?: Claim } = given.resume === true ? { claim: await claimExisting(given.out!) } : {};
  try {
    const resumed = own.claim === undefined ? undefined : await readResumed(given, own.claim.paths);
    return await prepared(own, given, context, resumed).catch((cause: unknown) => {
      throw resumed === undefined ? cause : pluginHinted(resumed.checkpoint, cause);
    });
  } finally {
    own.claim?.unlock();
  }
};

const prepared = async (
  own: { claim?: Claim },
  given: TrainOptions,
  context: TrainContext,
  resumed: Resumed | undefined,
): Promise<number> => {
  const plugin = given.plugin?.map(pluginSource) ?? [];
  const registries = await registriesWith(plugin, given);
  const place = resumed?.place ?? (placesOf(given) as DataPlace);
  const training = await trainingOf(given, { place, registries, resumed });
  return trainIn(own, training, { given, context, resumed, plugin, registries, place });
};

interface Prepared {
  readonly given: TrainOptions;
  readonly context: TrainContext;
  readonly resumed: Resumed | undefined;
  readonly plugin: readonly string[];
  readonly registries: AllRegistries;
  readonly place: DataPlace;
}

const trainIn = async (
  own: { claim?: Claim },
  training: Training,
  { given, context: { signal, startedAt, job, onEvent: told }, resumed, plugin, registries, place }: Prepared,
): Promise<number> => {
  const destination = { ...given, name: nameOf(place.data) };
  if (resumed === undefined) await findNewFolder(destination);
  const display = fitDisplay(given, training.unit);
  const metrics = stepWriter();
  const backend = await backendFor(given, resumed, { registries, plugin, signal });
  // The folder is created and locked only after everything else is ready, so that an earlier error leaves no folder
  // behind.
  const paths = async (): Promise<RunPaths> => (own.claim ??= await claimNew(destination)).paths;
  const onEvent = (event: FitEvent): void => {
    display.onEvent(event);
    told?.(event);
    if (event.kind === 'start') metrics.begin(event.step);
    if (event.kind === 'step') metrics.add(event);
  };
  let saved = 0;
  const save = async (checkpoint: Uint8Array): Promise<void> => {
    const to = await paths();
    const remark = await metrics.flush(to);
    if (remark !== undefined) note(given, remark);
    await writeAtomically(to.checkpoint, checkpoint);
    if (saved++ === 0) await writeConfig(to, checkpoint);
  };
  try {
    const end = await training.fit({
      registries,
      place,
      startedAt,
      signal,
      onEvent,
      save,
      provenance: provenance(),
      program: () => ({ backend: backend.name(), plugin }),
      ...(backend.choose === undefined ? {} : { chooseBackend: backend.choose }),
      countWorkers: (batch, dim) =>
        backend.workers(workersFor(given.workers ?? resumed?.options.workers, { batch, dim }), given),
      startWorkers: (spec, { workers, memory = 'keep' }) => {
        if (job !== undefined && workers < job.ranks) note(given, fewWorkers(workers, job.ranks));
        const ports = job === undefined ? undefined : portsOf(job, workers);
        return startWorkers(workers, { spec, memory, backend: backend.name(), plugin }, ports);
      },
      ...(given.until === undefined ? {} : { until: given.until }),
      ...(resumed === undefined ? {} : { resume: resumed.checkpoint }),
    });
    display.stop();
    return await finish(end, await paths(), given, (performance.now() - startedAt) / 1000);
  } catch (error) {
    throw saved === 0 ? error : withPlace(error, await paths());
  } finally {
    display.stop();
  }
};

/** Adds to the error of a failed training the path of the saved model, or the command that continues the training. */
const withPlace = (error: unknown, { checkpoint, folder }: RunPaths): unknown => {
  if (isFlowError(error, 'convergence') && error.message.endsWith('was saved last.'))
    return Object.assign(error, { message: `${error.message.slice(0, -1)}, in ${checkpoint}.` });
  if (isFlowError(error, 'worker'))
    return Object.assign(error, { message: `${error.message} Continue with: impflow train --resume --out ${folder}` });
  return error;
};

const fewWorkers = (workers: number, ranks: number): string =>
  `The run has ${workers} worker${workers === 1 ? '' : 's'}: ${ranks - workers} of ${ranks} ranks have no worker. --workers mpi gives each rank a worker.`;

/** Writes the contents of the checkpoint, except the weights, in readable form into `config.json`. */
const writeConfig = async (paths: RunPaths, checkpoint: Uint8Array): Promise<void> => {
  const { spec, extra } = decodeCheckpoint(checkpoint);
  const { quantiles: _quantiles, report: _report, ...shown } = extra as Record<string, unknown>;
  await writeAtomically(paths.config, new TextEncoder().encode(`${JSON.stringify({ ...shown, spec }, null, 2)}\n`));
};

/** Prints the result of a training. Returns the exit code. */
const finish = async (end: TrainEnd, paths: RunPaths, given: TrainOptions, seconds: number): Promise<number> => {
  const { folder } = paths;
  const { step, settings, best, stepSeconds, answer } = end;
  const again = `Continue with: impflow train --resume --out ${folder}`;
  if (answer !== undefined) {
    // `config.json` is written again, because the options now hold the number of steps of a timed training.
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    await writeConfig(paths, await readFile(paths.checkpoint));
    const { json, text } = await answer(paths);
    printResult(given, { ...json, ...paceOf(stepSeconds) }, text);
    return 0;
  }
  if (given.until !== undefined && step >= given.until) {
    printResult(
      given,
      { run: folder, steps: step, seconds, paused: true, best: best ?? null },
      () => `Paused after step ${number(step)} of ${number(settings.steps)}; saved to ${folder}. ${again}`,
    );
    return 0;
  }
  note(given, `Interrupted after step ${step}; saved to ${folder}. ${again}`);
  if (given.json === true) printResult(given, { run: folder, steps: step, seconds, interrupted: true }, () => '');
  return 130;
};

/** Returns the median and the sum of the times of the steps of this call. Steps with a validation are left out. */
const paceOf = (stepSeconds: readonly number[]): object => {
  const sorted = stepSeconds.toSorted((a, b) => a - b);
  return sorted.length === 0
    ? {}
    : { secondsPerStep: sorted[sorted.length >> 1]!, trainingSeconds: sorted.reduce((sum, each) => sum + each, 0) };
};

/** Returns the versions and the machine of a training that starts now. */
export const provenance = (): Pick<Provenance, 'versions' | 'machine'> => ({
  versions: { impflow: VERSION, node: process.versions.node, tfjs: versionOf('@tensorflow/tfjs-core') },
  machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${platform()} ${arch()}`,
});
