import type { Checkpoint, DataParallel } from '@impflow/training';
import type { OnEvent } from 'impflow';
import type { DataPlace, ModelSpec, Provenance } from 'impflow/run';
import type { StepSettings } from '../backends/time-steps.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import type { RunPaths } from '../run-folder/folder.ts';
import type { Unit } from '../terminal/unit.ts';
import type { Answer } from './answer.ts';

/** A run whose training continues from its checkpoint. */
export interface Resumed {
  readonly checkpoint: Checkpoint;
  /** The options of the training of the run: options of a table, or options of images. */
  readonly options: StepSettings & {
    readonly steps: number;
    readonly horizon: number;
    readonly schedule: 'constant' | 'cosine';
    readonly workers?: number;
  };
  readonly place: DataPlace;
  readonly backend: string | undefined;
}

/** Properties of a training by which `--backend auto` chooses a backend. */
export interface Starting {
  readonly spec: ModelSpec;
  readonly settings: StepSettings;
  /** The first batch of the training. */
  readonly rows: Float32Array;
}

/** Options that the command line passes to `fit` besides the options of the user. */
interface TrainHooks {
  readonly registries: AllRegistries;
  readonly place: DataPlace;
  readonly startedAt: number;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly save: (checkpoint: Uint8Array) => Promise<void>;
  readonly provenance: Partial<Provenance>;
  readonly program: () => { readonly backend: string; readonly plugin: readonly string[] };
  readonly chooseBackend?: (starting: Starting) => Promise<void>;
  readonly countWorkers: (batch: number, dim: number) => number;
  readonly startWorkers: (
    spec: ModelSpec,
    settings: { readonly workers: number; readonly memory?: 'keep' | 'budget' },
  ) => Promise<DataParallel | undefined>;
  readonly until?: number;
  readonly resume?: Checkpoint;
}

/** Results of a fit that the command line reports. */
export interface TrainEnd {
  readonly stopped: 'steps' | 'early-stopping' | 'aborted';
  readonly settings: { readonly steps: number };
  readonly step: number;
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
  readonly stepSeconds: readonly number[];
  /** Writes the pictures of a finished training, and returns its report. Absent for an interrupted training. */
  readonly answer?: (paths: RunPaths) => Promise<Answer>;
}

/** The data to train on: a table, or images. */
export interface Training {
  /** Returns the unit in which losses are shown. Call it after `onPlan`: the unit depends on the planned model. */
  readonly unit: () => Unit;
  /** Fits the model. */
  fit(hooks: TrainHooks): Promise<TrainEnd>;
}
