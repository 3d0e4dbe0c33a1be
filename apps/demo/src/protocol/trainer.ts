import type { FlowSpec } from '@impflow/flows';
import type { BackendName, ModelChoice } from '../config.ts';
import type { DataRequest } from './data.ts';

/** A model and its training options. */
export interface TrainerStart {
  readonly backend: BackendName;
  readonly data: DataRequest;
  readonly model: ModelChoice;
  readonly seed: number;
  readonly learningRate: number;
  readonly batch: number;
  /** Addresses of plugin modules on this site. */
  readonly plugins: readonly string[];
  /** Checkpoint to continue from. Its model replaces `model`. */
  readonly checkpoint?: Uint8Array;
  /** Whether solver and estimator come from `model`, not from the checkpoint. The weights do not depend on them. */
  readonly chosenMethods?: boolean;
}

export interface Started {
  readonly step: number;
  readonly parameters: number;
  /** Description for people: the kernels of wasm, the renderer of WebGL. */
  readonly computing: string;
  /** Why another backend than the requested one runs, as a sentence for people. */
  readonly fallback?: string;
  readonly spec: FlowSpec;
  /** The training data that a checkpoint names. */
  readonly trainedOn?: TrainedOn;
}

export interface TrainedOn {
  /** Name of the data for the command line: a toy, a place, a file. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** Report of one training step. Plain numbers: some hundred reports are sent per second. */
export interface StepReport {
  readonly step: number;
  readonly loss: number;
  readonly seconds: number;
  /** Mean solver steps of a forward solve; absent if the model solves nothing. */
  readonly solverSteps?: number;
  readonly unconverged?: number;
}

/** `weights`: enough to evaluate the model. `whole`: with the state of the optimizer, to continue training. */
export type CheckpointPart = 'weights' | 'whole';

/** The trainer's worker, behind comlink. Every call is a message, so all methods are asynchronous for the caller. */
export interface TrainerWorker {
  /**
   * Ends the previous training and builds the model. `report` receives several steps per call. `failed` is called with
   * the reason if training stops without a request. The model is then at its last good step and can continue, unless it
   * is `lost`, for example after the loss of a graphics device. A lost model needs a new start.
   */
  start(
    options: TrainerStart,
    report: (steps: readonly StepReport[]) => void,
    failed: (message: string, lost: boolean) => void,
  ): Promise<Started>;
  /** Trains until paused, with `pauseMs` milliseconds between two steps. */
  run(pauseMs: number): void;
  /** Resolves once no step is running. */
  pause(): Promise<void>;
  /** Makes one step, then pauses. */
  step(): Promise<void>;
  /**
   * Holds the training for `ms` milliseconds, so that other workers get the processor; 0 ends the hold. All other
   * calls are answered meanwhile.
   */
  hold(ms: number): void;
  change(what: { readonly learningRate?: number; readonly batch?: number }): void;
  /** Returns a safetensors file, written between two steps; see `Checkpoint` of `@impflow/training`. */
  checkpoint(part: CheckpointPart): Promise<Uint8Array>;
  /** Number of steps made. An answer shows that the worker is alive. */
  ping(): number;
}
