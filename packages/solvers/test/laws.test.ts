import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { anderson, broyden, directAdjoint, fixedPoint, iterativeAdjoint, newton, quasiNewton } from '@impflow/solvers';
import { testAdjointSolver, testSolver } from '@impflow/testkit';
import { some } from '../../testkit/private/extent.mjs';

const backends = [wasm()];
/**
 * Backends for one solver, to show that solvers run on cpu and on wasm. Other tests compare the kernels of each backend
 * with the cpu backend.
 */
const both = some([cpu(), wasm()]);

testSolver({ solver: fixedPoint, backends });
testSolver({ solver: () => fixedPoint({ damping: 0.7 }), backends });
testSolver({ solver: anderson, backends: both });
testSolver({ solver: () => anderson({ memory: 1, damping: 0.5 }), backends });
testSolver({ solver: broyden, backends });
testSolver({ solver: () => broyden({ memory: 2, lineSearch: 2 }), backends });
testSolver({ solver: newton, backends });
testSolver({ solver: () => quasiNewton({ maxDim: 64 }), backends });

// On the cpu backend, the tests of package testkit test both adjoint solvers.
testAdjointSolver({ adjoint: directAdjoint, backends: [wasm()] });
testAdjointSolver({ adjoint: iterativeAdjoint, backends: [wasm()] });
