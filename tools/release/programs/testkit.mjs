// In vitest: runs the tests of `testSolver` on a solver of ImpFlow.
import { startRegistered } from '@impflow/core';
import { anderson } from '@impflow/solvers';
import { testSolver } from '@impflow/testkit';

const capabilities = { precision: 32, syncRead: true, device: 'cpu', threads: 1 };
const start = () => startRegistered('cpu', { load: () => import('@tensorflow/tfjs-backend-cpu'), capabilities });
testSolver({ solver: () => anderson(), backends: [{ name: 'cpu', isAvailable: async () => true, start }] });
