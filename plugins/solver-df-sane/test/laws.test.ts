import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { dfSane } from '@impflow/solver-df-sane';
import { testSolver } from '@impflow/testkit';

const backends = [cpu(), wasm()];

testSolver({ solver: dfSane, backends });
testSolver({ solver: () => dfSane({ memory: 1 }), backends });
