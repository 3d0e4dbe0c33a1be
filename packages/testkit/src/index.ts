export { testBijector, type BijectorLaw, type BijectorSuite } from './bijector.ts';
export { testContraction, type ContractionLaw, type ContractionSuite } from './contraction.ts';
export { derivative, logAbsDet, STENCIL } from './differences.ts';
export { testSolver, type SolverLaw, type SolverSuite } from './solver.ts';
export { LAW_SLOPE, testEstimator, type EstimatorLaw, type EstimatorSuite } from './estimator.ts';
export { ripple, rippleLogDet, rippleLogDetGradient, ripplePoints, type RippleGradient, type RippleOptions } from './ripple.ts';
export { moments, zScores, type Moments } from './statistics.ts';
export { testBackend, type BackendLaw, type BackendSuite } from './backend.ts';
export { laws, type Exceptions } from './law.ts';
