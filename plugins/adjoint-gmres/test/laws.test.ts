import { gmres } from '@impflow/adjoint-gmres';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { testAdjointSolver } from '@impflow/testkit';
import { some } from '../../../packages/testkit/private/extent.mjs';

const backends = [wasm()];
/**
 * Backends for one case, to show that the adjoint solver runs on cpu and on wasm. Other tests compare the kernels of
 * each backend with the cpu backend.
 */
const both = some([cpu(), wasm()]);

testAdjointSolver({ adjoint: gmres, backends: both });
testAdjointSolver({ adjoint: () => gmres({ restart: 3, maxSteps: 300, fallback: [] }), backends });
