import { cpu } from '@impflow/backend-cpu';
import { directAdjoint, iterativeAdjoint, broyden } from '@impflow/solvers';
import { testAdjointSolver } from '@impflow/testkit';

testAdjointSolver({ adjoint: () => directAdjoint(), backends: [cpu()] });
testAdjointSolver({ adjoint: () => iterativeAdjoint(), backends: [cpu()] });
testAdjointSolver({ adjoint: () => iterativeAdjoint({ solver: broyden() }), backends: [cpu()] });
