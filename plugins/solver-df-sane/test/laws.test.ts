import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { dfSane } from '@impflow/solver-df-sane';
import { testSolver } from '@impflow/testkit';
import { some } from '../../../packages/testkit/private/extent.mjs';

const backends = [wasm()];
/**
 * Backends for one case, to show that the solver runs on cpu and on wasm. Other tests compare the kernels of each
 * backend with the cpu backend.
 */
const both = some([cpu(), wasm()]);

testSolver({ solver: dfSane, backends: both });
testSolver({ solver: () => dfSane({ memory: 1 }), backends });
