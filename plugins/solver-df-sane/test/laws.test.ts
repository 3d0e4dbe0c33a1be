import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { dfSane } from '@impflow/solver-df-sane';
import { testSolver } from '@impflow/testkit';
import { some } from '../../../packages/testkit/private/extent.mjs';

const backends = [wasm()];
/** Other tests compare the kernels with cpu; one case here shows that a solver runs on both backends. */
const both = some([cpu(), wasm()]);

testSolver({ solver: dfSane, backends: both });
testSolver({ solver: () => dfSane({ memory: 1 }), backends });
