export { logDetEstimators } from './estimators.ts';
export { exact, type ExactOptions } from './exact.ts';
