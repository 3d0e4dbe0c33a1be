import { cpu } from '@impflow/backend-cpu';
import { testBackend } from '@impflow/testkit';
import { cpuBuild } from '../../src/tensorflow.ts';

testBackend({ adapter: cpuBuild, reference: cpu });
