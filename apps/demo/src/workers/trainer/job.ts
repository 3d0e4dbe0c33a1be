import { FlowError, release, settle } from '@impflow/core';
import type { FlowSpec, Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import { adam, runKey } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import { buildLearner, specOf, validateOn, type Batches, type SpecSettings } from 'impflow/run';
import type { BackendName } from '../../config.ts';
import type { CheckpointPart, StepReport, TrainedOn, TrainerChange, TrainerStart } from '../../protocol/trainer.ts';
import type { PlanarCheckpoint } from '../checkpoint.ts';
import { batchesOf, type Prepared } from '../data/prepared.ts';
import { settingsOf } from '../spec.ts';
import { courseOf } from './course.ts';
import { contentsOf, filedOptions } from './record.ts';
import { restored, type Methods, type Restored } from './restored.ts';
import { training } from './training.ts';

/** Training options that can be changed while the model trains. */
type Live = TrainerChange & Required<Pick<TrainerChange, 'learningRate' | 'batch'>>;

/**
 * The training of a model, configured by the settings of the page. While a call of a method is in progress, only
 * `change` may be called.
 */
export interface Job {
  readonly spec: FlowSpec;
  readonly parameters: number;
  /** Whether the model is a copy whose training has already ended. */
  readonly ended: boolean;
  readonly trainedOn?: TrainedOn;
  done(): number;
  advance(): Promise<StepReport>;
  /**
   * Changes the learning rate, the batch size or the length of the training from the next training step on.
   *
   * @throws `option` for invalid numbers.
   */
  change(what: TrainerChange): void;
  checkpoint(part: CheckpointPart): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The data, the registries and the backend that a job uses. */
interface Surroundings {
  readonly data: Prepared;
  readonly registries: Registries;
  readonly backend: BackendName;
}

/**
 * Starts the training of a model. The page's settings or a checkpoint describe the model.
 *
 * @throws the errors of building the model, or of reading the checkpoint.
 */
export const job = async (start: TrainerStart, { data, registries, backend }: Surroundings): Promise<Job> => {
  const { checkpoint, model, plugins, data: request } = start;
  let live = checked({ learningRate: start.learningRate, batch: start.batch, length: start.length });
  const course = courseOf(() => live.length, start.spent);
  const created = new Date().toISOString();
  const chosen = settingsOf(model);
  const methods = start.chosenMethods === true ? methodsOf(specFor(data, chosen).flow) : undefined;
  const begun =
    checkpoint === undefined
      ? await fresh(start, data, registries)
      : restored(checkpoint, registries, { isCopy: start.isCopy === true, methods });
  const { learner, spec, state, seed, optimizer, optimizerText, clip, file, isOwn = true } = begun;
  let batches: { readonly size: number; readonly of: Batches } | undefined;
  const { advance, takeBest, encode, done, close } = await training({
    learner,
    state,
    optimizer,
    key: runKey(seed, 'steps'),
    ...(clip === undefined ? {} : { clip }),
    learningRate: (step) => live.learningRate * course.factor(step),
    validate: validateOn(learner.density, data.parts.validation),
    isDue: course.isDue,
    batches: () => {
      const { batch: size } = live;
      if (batches?.size !== size) batches = { size, of: batchesOf(data, spec, size, runKey(seed, 'batches')) };
      return batches.of;
    },
  }).catch((error: unknown) => {
    release([learner.model.parameters, learner.model.buffers, state]);
    throw error;
  });
  /**
   * Additional contents of a checkpoint. If the model was read from a file and has not been trained since, the contents
   * of the file are kept, because these contents may describe data that differ from the data on the page.
   */
  const extra = (): unknown =>
    file !== undefined && done() === state.step && isOwn
      ? file.extra
      : contentsOf({
          request,
          data,
          optimizer: optimizerText,
          seed,
          step: done(),
          created,
          backend,
          plugins,
          learningRate: live.learningRate,
          batch: live.batch,
          ...(live.length === undefined ? {} : { horizon: course.horizon(done()) }),
          ...(clip === undefined ? {} : { clip }),
          model:
            file === undefined
              ? chosen
              : filedOptions(
                  file.contents,
                  spec.flow.blocks.map(({ kind }) => kind),
                  isOwn ? undefined : methodsIn(chosen),
                ),
        });
  return {
    spec: spec.flow,
    ended: start.isCopy === true && course.isOver(done()),
    ...(file === undefined ? {} : trainedOn(file)),
    done,
    advance: async () => {
      const report = await advance();
      if (!course.took(report)) return report;
      await takeBest();
      return { ...report, ended: true };
    },
    close,
    parameters: Object.values(learner.model.parameters).reduce((sum, { size }) => sum + size, 0),
    change: (what) => {
      live = checked({ ...live, ...what });
    },
    checkpoint: (part) => encode(part, { spec, seed, extra: extra() }),
  };
};

const specFor = ({ parts, isScaled }: Prepared, settings: SpecSettings): RecordsSpec =>
  specOf(parts.fitted, parts.complete, settings, !isScaled);

const methodsIn = ({ solver, logdet }: SpecSettings): Pick<SpecSettings, 'solver' | 'logdet'> => ({
  ...(solver === undefined ? {} : { solver }),
  ...(logdet === undefined ? {} : { logdet }),
});

const methodsOf = ({ solver, logDet }: FlowSpec): Methods => ({
  ...(solver === undefined ? {} : { solver }),
  ...(logDet === undefined ? {} : { logDet }),
});

/** Returns the name and the columns of the data on which the model in a file was trained. */
const trainedOn = ({ contents: { data, provenance }, spec }: PlanarCheckpoint): { readonly trainedOn?: TrainedOn } => {
  // The command line stores the full path of a table file.
  const name = (data?.data ?? provenance?.source)?.split(/[\\/]/).at(-1);
  return name === undefined ? {} : { trainedOn: { name, columns: spec.columns.map((column) => column.name) } };
};

/**
 * Returns a new model with initial weights. Blocks that need an initialization by data are adapted to a first batch.
 */
const fresh = async (
  { model, seed, batch }: TrainerStart,
  data: Prepared,
  registries: Registries,
): Promise<Restored> => {
  const spec = specFor(data, settingsOf(model));
  const learner = buildLearner(spec, { key: runKey(seed, 'weights'), registries });
  const { flow } = learner.density;
  const optimizer = adam();
  const { shape, rowsOfStep } = batchesOf(data, spec, batch, runKey(seed, 'batches'));
  // Each row of a batch contains the two values of a data row, followed by the log-probability of its categories. Only
  // the two values are used.
  const first = tensor(
    rowsOfStep(0).filter((_, i) => i % shape[1] < 2),
    [shape[0], 2],
  );
  try {
    await settle(() => flow.initialize(first, { train: true }));
  } catch (error) {
    release([flow.parameters, flow.buffers]);
    throw error;
  } finally {
    first.dispose();
  }
  return {
    learner,
    spec,
    seed,
    optimizer,
    optimizerText: optimizer.name,
    state: { step: 0, optimizer: optimizer.init(flow.parameters), sinceBest: 0 },
  };
};

const checked = (live: Live): Live => {
  const { learningRate, batch, length } = live;
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw wrong('learning rate', 'a positive number', learningRate);
  if (!(Number.isSafeInteger(batch) && batch >= 1)) throw wrong('batch size', 'a whole number of at least 1', batch);
  if (length !== undefined && !(Number.isFinite(length.most) && length.most > 0))
    throw wrong('length of the training', `a positive number of ${length.unit}`, length.most);
  if (length?.unit === 'steps' && !Number.isSafeInteger(length.most))
    throw wrong('number of steps', 'a whole number', length.most);
  return live;
};

const wrong = (what: string, expected: string, got: number): FlowError =>
  new FlowError('option', 'demo/trainer', `Wrong ${what}`, { expected, got: String(got) });
