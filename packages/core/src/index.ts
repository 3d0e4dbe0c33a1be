export { customOp, customOps, offTape, pullback, recording, valueAndGradients, withGradientOf, type CustomOp, type CustomOps, type Pullback } from './autodiff.ts';
export { capabilities, registerGradients, startRegistered, type Backend, type BackendAdapter, type Capabilities, type ReadBack, type Registered } from './backend.ts';
export { correctKernel, keepNaN } from './correct-kernel.ts';
export { defineBijector, type Bijector, type BijectorSpec, type Context, type SolveReport } from './bijector.ts';
export {
  borrowed, reusing,
  type ConditionalContraction, type Contraction, type DifferentiableMap, type Linearization, type LinearizeOptions, type NamedVariables, type Pushforward, type SampleMap,
  type RefreshOptions, type Reuse,
} from './contraction.ts';
export { writeAtomically } from './files.ts';
export { FlowError, isFlowError, type ErrorCode, type ErrorDetail } from './errors.ts';
export { fillBits } from './fill-bits.ts';
export { fused, hasFused, type FusedActivation, type FusedKernels } from './fused.ts';
export { measureReadBack } from './read-back.ts';
export { collectRarely } from './heap.ts';
export { bits, fold, fromRow, key, normal, normals, permutation, rademacher, split, threefry, uniform, uniforms, type Key } from './key.ts';
export { eliminate, identity, jacobianOf, logDetOnePlus, unitTangents, type Elimination } from './linalg.ts';
export type { LogDetEstimator, Transformed } from './logdet.ts';
export { assertNode, inNode } from './platform.ts';
export { keeping, pullbacks, recomputing } from './recomputing.ts';
export { nearest, registry, unknownName, type Factory, type Named, type OptionsOf, type Registry, type Table } from './registry.ts';
export { attempt, settle, type Attempt, type Unread, type Verdict } from './settle.ts';
export { elementsOf, type Slot } from './slot.ts';
export type { Iterate, Solution, Solver, SolveEnd, SolveStats, SolveStatus } from './solver.ts';
export {
  advance, assertShape, leaves, release, reshaped, sampleNorm, scoped, sizeOf, withLeaves, type NamedTensors, type Shape, type TensorMap,
} from './tensor.ts';
