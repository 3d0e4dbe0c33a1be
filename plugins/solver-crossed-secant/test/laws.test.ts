import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { crossedSecant } from '@impflow/solver-crossed-secant';
import { testSolver } from '@impflow/testkit';

// To skip a test of `testSolver`, give the reason: except: { 'the residual falls within a few steps': 'why' }.
testSolver({ solver: crossedSecant, backends: [cpu(), wasm()] });
