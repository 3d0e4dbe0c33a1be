import { gmres } from '@impflow/adjoint-gmres';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { testAdjointSolver } from '@impflow/testkit';
import { some } from '../../../packages/testkit/private/extent.mjs';

const backends = [wasm()];
/** Other tests compare the kernels with cpu; one case here shows that an adjoint solver runs on both backends. */
const both = some([cpu(), wasm()]);

testAdjointSolver({ adjoint: gmres, backends: both });
testAdjointSolver({ adjoint: () => gmres({ restart: 3, maxSteps: 300, fallback: [] }), backends });
