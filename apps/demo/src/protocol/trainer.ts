import type { FlowSpec } from '@impflow/flows';
import type { BackendName, ModelChoice } from '../config.ts';
import type { DataRequest } from './data.ts';

/**
 * Length of a training. Over this length the learning rate falls along a cosine to a hundredth, as in `impflow train`.
 * At the end the model gets its best weights, those with the lowest loss on the validation rows. Seconds are seconds of
 * computing: the sum of the durations of the training steps.
 */
export interface TrainingLength {
  readonly unit: 'steps' | 'seconds';
  readonly most: number;
}

/** A model, its data and its training options. */
export interface TrainerStart {
  readonly backend: BackendName;
  readonly data: DataRequest;
  readonly model: ModelChoice;
  readonly seed: number;
  readonly learningRate: number;
  readonly batch: number;
  /** Default: the training has no end, and the learning rate does not change. */
  readonly length?: TrainingLength | undefined;
  /** Seconds of computing that the training has already taken. Default: 0. */
  readonly spent?: number;
  /** Addresses of plugin modules on this site. */
  readonly plugins: readonly string[];
  /** Checkpoint from which training continues. The model of the checkpoint replaces `model`. */
  readonly checkpoint?: Uint8Array;
  /**
   * Whether the solver and the estimator are taken from `model` instead of the checkpoint. The weights of a checkpoint
   * can be used with any solver and any estimator.
   */
  readonly chosenMethods?: boolean;
  /**
   * Whether the checkpoint is a copy that the page has made of a model in training. The training of a copy continues
   * exactly. The training of any other checkpoint starts from the best weights of the checkpoint.
   */
  readonly isCopy?: boolean;
}

export interface Started {
  readonly step: number;
  readonly parameters: number;
  /**
   * Name of the running backend with details, such as the kernels of WebAssembly or the renderer of WebGL. The page
   * shows this text.
   */
  readonly computing: string;
  /**
   * Why the worker does not use the requested backend, as a sentence. Absent if the worker uses the requested backend.
   */
  readonly fallback?: string;
  readonly spec: FlowSpec;
  /** Whether the model is a copy whose training has already ended. */
  readonly ended: boolean;
  /** The training data that are named in the checkpoint. */
  readonly trainedOn?: TrainedOn;
}

export interface TrainedOn {
  /**
   * Name of the data, as on the command line: the name of a toy density, of a bundled geographic data set, or of a
   * file.
   */
  readonly name: string;
  readonly columns: readonly string[];
}

/** Options that can be changed while the model trains. */
export interface TrainerChange {
  readonly learningRate?: number;
  readonly batch?: number;
  readonly length?: TrainingLength | undefined;
}

/**
 * Report of one training step. A report contains only plain numbers, because hundreds of reports are sent per second.
 */
export interface StepReport {
  readonly step: number;
  readonly loss: number;
  readonly seconds: number;
  /** Mean number of solver steps per solve in the forward pass. Absent if the forward pass solves no equation. */
  readonly solverSteps?: number;
  readonly unconverged?: number;
  /** Present if the training ended with this step. The model now has its best weights. */
  readonly ended?: true;
}

/**
 * What a checkpoint contains. A checkpoint with `weights` contains only the data that are needed to evaluate the model.
 * A checkpoint with `whole` also contains what is needed to continue the training exactly: the state of the optimizer and
 * the best weights so far. A file for the visitor (`file`) contains no best weights, because the programs that read it
 * would use them instead of the weights that the page shows.
 */
export type CheckpointPart = 'weights' | 'whole' | 'file';

/**
 * The interface of the trainer's worker, which comlink exposes. Every call is sent as a message, so all methods are
 * asynchronous for the caller.
 */
export interface TrainerWorker {
  /**
   * Ends the previous training and builds the model. Each call of `report` receives the reports of several training
   * steps. `failed` is called with the reason if training stops by itself. If `lost` is false, the model has the
   * weights of its last good step, and training can continue. If `lost` is true, for example because a graphics device
   * was lost, the model cannot be used, and `start` must be called.
   */
  start(
    options: TrainerStart,
    report: (steps: readonly StepReport[]) => void,
    failed: (message: string, lost: boolean) => void,
  ): Promise<Started>;
  /**
   * Trains until paused or until the end of the training, with `pauseMs` milliseconds between two steps. After the end,
   * another call continues with the lowest learning rate.
   */
  run(pauseMs: number): void;
  /** Pauses the training. Resolves when no training step is running. */
  pause(): Promise<void>;
  /** Makes one training step, then pauses. */
  step(): Promise<void>;
  /**
   * Makes no training steps for `ms` milliseconds, so that other workers get the processor. A call with 0 lets training
   * continue immediately. During these `ms` milliseconds the worker still responds to other calls.
   */
  hold(ms: number): void;
  change(what: TrainerChange): void;
  /**
   * Returns a checkpoint as a safetensors file, made between two training steps. The format is described at
   * `Checkpoint` of `@impflow/training`.
   */
  checkpoint(part: CheckpointPart): Promise<Uint8Array>;
  /** Returns the number of training steps made. The page calls this method to check that the worker is alive. */
  ping(): number;
}
