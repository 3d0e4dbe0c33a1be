import { gmres } from '@impflow/adjoint-gmres';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { testAdjointSolver } from '@impflow/testkit';

const backends = [cpu(), wasm()];

testAdjointSolver({ adjoint: gmres, backends });
testAdjointSolver({ adjoint: () => gmres({ restart: 3, maxSteps: 300, fallback: [] }), backends });
