import { FlowError, release, settle } from '@impflow/core';
import { buildFlow, type FlowSpec, type Registries } from '@impflow/flows';
import { adam, runKey } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { BackendName } from '../../config.ts';
import type { CheckpointPart, StepReport, TrainedOn, TrainerStart } from '../../protocol/trainer.ts';
import type { Prepared } from '../data/prepare.ts';
import { areNames } from '../from-checkpoint.ts';
import { specOf } from '../spec.ts';
import { chosenModel, filedModel, recordOf } from './record.ts';
import { restored, type Methods, type Restored } from './restored.ts';
import { training } from './training.ts';

/** Options that may change during training. */
export interface Live {
  readonly learningRate: number;
  readonly batch: number;
}

/** A model in training with the options of the page. Only `change` may be called while another call runs. */
export interface Job {
  readonly spec: FlowSpec;
  readonly parameters: number;
  readonly trainedOn?: TrainedOn;
  done(): number;
  advance(): Promise<StepReport>;
  /** Takes effect at the next step. @throws `option` for invalid numbers. */
  change(what: Partial<Live>): void;
  checkpoint(part: CheckpointPart): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Backend and registries of a job. */
export interface Surroundings {
  readonly data: Prepared;
  readonly registries: Registries;
  readonly backend: BackendName;
}

/** The model of the page's choices, or of a checkpoint. @throws what building it, or reading the checkpoint, throws. */
export const job = async (start: TrainerStart, { data, registries, backend }: Surroundings): Promise<Job> => {
  const { checkpoint, model, plugins, data: request } = start;
  let live = checked({ learningRate: start.learningRate, batch: start.batch });
  const methods = start.chosenMethods === true ? methodsOf(specOf(model, data)) : undefined;
  const begun =
    checkpoint === undefined ? await fresh(start, data, registries) : restored(checkpoint, registries, methods);
  const { flow, spec, state, seed, optimizer, clip, isOwn = true, extra } = begun;
  const rows = runKey(seed, 'batches');
  const { advance, encode, done, close } = await training({
    flow,
    state,
    optimizer,
    key: runKey(seed, 'steps'),
    ...(clip === undefined ? {} : { clip }),
    learningRate: () => live.learningRate,
    batch: (step) => data.batch(step, live.batch, rows),
  }).catch((error: unknown) => {
    release([flow.parameters, flow.buffers, state]);
    throw error;
  });
  /** For a file that was not trained further, its own record: its data may differ from those on the page. */
  const record = (): unknown =>
    extra !== undefined && done() === state.step && isOwn
      ? extra
      : recordOf({
          request,
          data,
          optimizer: optimizer.name,
          seed,
          step: done(),
          backend,
          plugins,
          ...live,
          ...(clip === undefined ? {} : { clip }),
          model:
            checkpoint === undefined
              ? chosenModel(model)
              : filedModel(extra, spec, isOwn ? undefined : chosenModel(model)),
        });
  return {
    spec,
    ...trainedOn(extra),
    done,
    advance,
    close,
    parameters: Object.values(flow.parameters).reduce((sum, { size }) => sum + size, 0),
    change: (what) => {
      live = checked({ ...live, ...what });
    },
    checkpoint: (part) => encode(part, { spec, seed, extra: record() }),
  };
};

const methodsOf = ({ solver, logDet }: FlowSpec): Methods => ({
  ...(solver === undefined ? {} : { solver }),
  ...(logDet === undefined ? {} : { logDet }),
});

/** What the record of a file says of its data. */
const trainedOn = (extra: unknown): { readonly trainedOn?: TrainedOn } => {
  const { data, columns } = (extra ?? {}) as {
    readonly data?: { readonly data?: unknown };
    readonly columns?: unknown;
  };
  return typeof data?.data === 'string'
    ? { trainedOn: { name: data.data, columns: areNames(columns) ? columns : [] } }
    : {};
};

/** Initial weights, adapted to a first batch if a block requires it. */
const fresh = async (
  { model, seed, batch }: TrainerStart,
  data: Prepared,
  registries: Registries,
): Promise<Restored> => {
  const spec = specOf(model, data);
  const flow = buildFlow(spec, { key: runKey(seed, 'weights'), registries });
  const optimizer = adam();
  const first = tensor(data.batch(0, batch, runKey(seed, 'batches')), [batch, 2]);
  try {
    await settle(() => flow.initialize(first, { train: true }));
  } catch (error) {
    release([flow.parameters, flow.buffers]);
    throw error;
  } finally {
    first.dispose();
  }
  return { flow, spec, seed, optimizer, state: { step: 0, optimizer: optimizer.init(flow.parameters), sinceBest: 0 } };
};

const checked = (live: Live): Live => {
  const { learningRate, batch } = live;
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw wrong('learning rate', 'a positive number', learningRate);
  if (!(Number.isSafeInteger(batch) && batch >= 1)) throw wrong('batch size', 'a whole number of at least 1', batch);
  return live;
};

const wrong = (what: string, expected: string, got: number): FlowError =>
  new FlowError('option', 'demo/trainer', `Wrong ${what}`, { expected, got: String(got) });
