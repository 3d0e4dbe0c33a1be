import type { FlowSpec } from '@impflow/flows';
import type { BackendName, ModelChoice } from '../config.ts';
import type { DataRequest } from './data.ts';

/** A model, and how to train it. */
export interface TrainerStart {
  readonly backend: BackendName;
  readonly data: DataRequest;
  readonly model: ModelChoice;
  readonly seed: number;
  readonly learningRate: number;
  readonly batch: number;
  /** Addresses of plugin modules on this site. */
  readonly plugins: readonly string[];
  /** Go on from here: the model is the checkpoint's, whatever `model` says. */
  readonly checkpoint?: Uint8Array;
}

export interface Started {
  readonly step: number;
  readonly parameters: number;
  /** In words: the kernels of wasm, the renderer of WebGL. */
  readonly computing: string;
  /** Why the backend is another than was asked for, in a sentence for a person. */
  readonly fallback?: string;
  readonly spec: FlowSpec;
}

/** What one training step was. Plain numbers: some hundred of them travel a second. */
export interface StepReport {
  readonly step: number;
  readonly loss: number;
  readonly seconds: number;
  /** Mean solver steps of a forward solve; absent where nothing is solved. */
  readonly solverSteps?: number;
  readonly unconverged?: number;
}

/** Weights alone, to look at; or with the state of the optimiser, to go on from. */
export type CheckpointPart = 'weights' | 'whole';

/** The trainer's worker, behind comlink. Everything is a message: all of it is asynchronous for the caller. */
export interface TrainerWorker {
  /**
   * Ends what ran before. `report` hears of the steps, several at once. `failed`: training stopped by itself, and why. The model is then at its last good step and can go
   * on, unless it is `lost`, as after the loss of a graphics device: all that helps then is another start.
   */
  start(options: TrainerStart, report: (steps: readonly StepReport[]) => void, failed: (message: string, lost: boolean) => void): Promise<Started>;
  /** Trains until paused; `pauseMs` between two steps for slow motion. */
  run(pauseMs: number): void;
  /** Resolves once no step is under way. */
  pause(): Promise<void>;
  /** One step, then rest. */
  step(): Promise<void>;
  change(what: { readonly learningRate?: number; readonly batch?: number }): void;
  /** A safetensors file between two steps; see `Checkpoint` of `@impflow/training`. */
  checkpoint(part: CheckpointPart): Promise<Uint8Array>;
  /** Steps done: an answer says that the worker is alive. */
  ping(): number;
}
