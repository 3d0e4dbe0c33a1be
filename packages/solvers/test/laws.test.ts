import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { anderson, broyden, directAdjoint, fixedPoint, iterativeAdjoint, newton, quasiNewton } from '@impflow/solvers';
import { testAdjointSolver, testSolver } from '@impflow/testkit';
import { some } from '../../testkit/private/extent.mjs';

const backends = [wasm()];
/** Both backends, for one solver only, to show that solvers run on both. Other tests compare the kernels with cpu. */
const both = some([cpu(), wasm()]);

testSolver({ solver: fixedPoint, backends });
testSolver({ solver: () => fixedPoint({ damping: 0.7 }), backends });
testSolver({ solver: anderson, backends: both });
testSolver({ solver: () => anderson({ memory: 1, damping: 0.5 }), backends });
testSolver({ solver: broyden, backends });
testSolver({ solver: () => broyden({ memory: 2, lineSearch: 2 }), backends });
testSolver({ solver: newton, backends });
testSolver({ solver: () => quasiNewton({ maxDim: 24 }), backends });

// The tests of testkit run these laws on cpu.
testAdjointSolver({ adjoint: directAdjoint, backends: [wasm()] });
testAdjointSolver({ adjoint: iterativeAdjoint, backends: [wasm()] });
