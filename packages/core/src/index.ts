export {
  customOp,
  customOps,
  vjpByTape,
  valueAndGradients,
  type CustomOp,
  type CustomOps,
  type VjpByTape,
} from './autodiff.ts';
export {
  assertBackend,
  capabilities,
  registerGradients,
  startRegistered,
  type Backend,
  type BackendAdapter,
  type Capabilities,
  type ReadBack,
  type Registered,
} from './backend.ts';
export { calling, failedIn, foreign, assertGiven, assertMethods } from './contract.ts';
export { choleskyInPlace } from './cholesky.ts';
export { correctKernel, keepNaN } from './correct-kernel.ts';
export { defineBijector, type Bijector, type BijectorSpec, type Context, type SolveReport } from './bijector.ts';
export {
  contractionByTape,
  defineContraction,
  type Contraction,
  type ContractionSpec,
  type DifferentiableMap,
  type NamedVariables,
  type NetOptions,
  type RefreshOptions,
  type SampleMap,
  type TapedContraction,
} from './contraction.ts';
export { growingFile, writeAtomically, type GrowingFile } from './files.ts';
export { FlowError, isFlowError, problemOf, type ErrorCode, type ErrorDetail } from './errors.ts';
export { fillBits } from './fill-bits.ts';
export { failAfterLoss, graphicsAdapter, tensorsLost, type GraphicsInNode, type GraphicsOptions } from './graphics.ts';
export { measureReadBack } from './read-back.ts';
export { collectRarely } from './heap.ts';
export { kernel, reshaped, sampleNorm, type FusedKernel } from './kernel.ts';
export {
  bits,
  fold,
  forRows,
  fromRow,
  key,
  drawNormal,
  normals,
  rowUniforms,
  drawPermutation,
  drawRademacher,
  split,
  threefry,
  drawUniform,
  uniforms,
  type Key,
} from './key.ts';
export { assertPath, assertRecord } from './arguments.ts';
export { contentNames } from './content-names.ts';
export { shown } from './shown.ts';
export {
  eliminate,
  FUSED_SIZE,
  identity,
  jacobianOf,
  logDetOnePlus,
  unitTangents,
  type Elimination,
} from './linalg.ts';
export {
  defineLinearization,
  opposite,
  weighed,
  type Cotangents,
  type Gradient,
  type Linearization,
  type LinearizationSpec,
  type NetLinearization,
  type Pair,
  type Pushed,
} from './linearization.ts';
export type { Estimate, LogDetEstimator, Transformed } from './logdet.ts';
export { observedOptions, type ObservedOptions } from './observed-options.ts';
export type {
  ChoiceOption,
  CountOption,
  CountsOption,
  MethodOption,
  MethodSpec,
  Option,
  OptionGroup,
  Options,
  PlainValuesOf,
  RealOption,
  SwitchOption,
  TextOption,
  TextsOption,
  ValueOf,
  ValuesOf,
} from './option.ts';
export { assertNode, inNode } from './platform.ts';
export { fileBytes, type FileBytesOptions } from './read-file.ts';
export { nearest, registry, unknownName, type Factory, type Registry, type Table } from './registry.ts';
export { openRegularFile, unreadable, type RegularFile } from './regular-file.ts';
export {
  advance,
  disposingOnThrow,
  holding,
  kept,
  leaves,
  offTape,
  owners,
  recording,
  release,
  scoped,
  withLeaves,
  type Disposable,
} from './scope.ts';
export { currentAttempt, settle, type Attempt, type Unread, type Verdict } from './settle.ts';
export { elementsOf, type Slot } from './slot.ts';
export type {
  Iterate,
  Recipe,
  Solution,
  Solver,
  SolveEnd,
  SolveStats,
  SolveStatus,
  WholeCriteria,
  WholeMap,
  WholeSolve,
} from './solver.ts';
export { assertShape, sizeOf, type NamedTensors, type Shape, type TensorMap } from './tensor.ts';
export type { TaskHandler, TaskOptions, TaskRunner } from './task-runner.ts';
