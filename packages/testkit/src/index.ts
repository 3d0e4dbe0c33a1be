export { testBijector, type BijectorLaw, type BijectorSuite } from './bijector.ts';
export { derivative, logAbsDet, STENCIL } from './differences.ts';
export { testSolver, type SolverLaw, type SolverSuite } from './solver.ts';
export { LAW_SLOPE, testEstimator, type EstimatorLaw, type EstimatorSuite } from './estimator.ts';
export { ripple, rippleLogDet, rippleLogDetGradient, ripplePoints, type RippleGradient, type RippleOptions } from './ripple.ts';
export { moments, zScores, type Moments } from './statistics.ts';
