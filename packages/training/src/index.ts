export { adam, adamW, type AdamOptions, type AdamWOptions } from './adam.ts';
export { adamax } from './adamax.ts';
export {
  checkpointBytes,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  restoreBest,
  restoreVariables,
  saveCheckpoint,
  type Checkpoint,
  type CheckpointContents,
} from './checkpoint.ts';
export { ema, preserving, withParameters, type Ema, type EmaOptions } from './ema.ts';
export { assertFiniteWeights } from './finite-weights.ts';
export { readSafetensors, tensorFileBytes, writeSafetensors } from './files.ts';
export type { FitOptions } from './fit-options.ts';
export type { Learnable, Trainable } from './learnable.ts';
export { clipByNorm, globalNorm, type Clipped } from './gradient.ts';
export { fit, fitToEnd, type FitResult, type FitStep } from './fit.ts';
export type { LossGradients } from './gradient.ts';
export { toHost, toTensor, type DType, type HostArray, type HostTensor, type HostTensors } from './host-tensor.ts';
export type { SolveSummaries, SolveSummary, StepMetrics, Validation } from './metrics.ts';
export {
  defineOptimizer,
  type Optimizer,
  type OptimizerSpec,
  type OptimizerState,
  type RuleInput,
  type RuleResult,
} from './optimizer.ts';
export { assignVariables } from './records.ts';
export { dataParallel, type DataParallel, type DataParallelOptions } from './parallel/data-parallel.ts';
export { openWorker } from './parallel/open-worker.ts';
export type { WorkerModule, WorkerPort } from './parallel/port.ts';
export type { Mappable, RowMap } from './parallel/row-map.ts';
export { serveWorker, type Servable } from './parallel/serve.ts';
export { optimizers } from './registries.ts';
export { dataKey, runKey, type DataPurpose, type RunPurpose } from './run-key.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
export {
  constant,
  cosine,
  exponential,
  warmup,
  type CosineOptions,
  type ExponentialOptions,
  type Schedule,
} from './schedules.ts';
export { sgd, type SgdOptions } from './sgd.ts';
export { stateFrom, stateRecord, stateTensors, type Best, type StateRecord, type TrainingState } from './state.ts';
