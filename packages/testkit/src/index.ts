// A law is a mathematical property that all plugins of one kind must have, for example: the inverse of a bijector
// undoes its forward map. Each `test...` function registers vitest tests that check the laws of one kind of plugin.
export { testActivation, type ActivationLaw, type ActivationSuite } from './activation.ts';
export { testAdjointSolver, type AdjointLaw, type AdjointSuite } from './adjoint.ts';
export { testBase, type BaseLaw, type BaseSuite } from './base.ts';
export { testBijector, type BijectorLaw, type BijectorSuite } from './bijector.ts';
export { testContraction, type ContractionLaw, type ContractionSuite } from './contraction.ts';
export { derivative, logAbsDet, solveLinear, STENCIL } from './differences.ts';
export { testDataSet, type DataSetLaw, type DataSetSuite } from './data-set.ts';
export { testSolver, type SolverLaw, type SolverSuite } from './solver.ts';
export { LAW_SLOPE } from './estimator-measures.ts';
export { testEstimator, type EstimatorLaw, type EstimatorSuite } from './estimator.ts';
export {
  ripple,
  rippleLogDet,
  rippleLogDetGradient,
  ripplePoints,
  type RippleGradient,
  type RippleOptions,
} from './ripple.ts';
export { moments, zScores, type Moments } from './statistics.ts';
export { testBackend, type BackendLaw, type BackendSuite } from './backend.ts';
export { laws, type Exceptions } from './law.ts';
export { lively } from './lively.ts';
export { onBackend } from './on-backend.ts';
