export { testSolver, type SolverLaw, type SolverSuite } from './solver.ts';
