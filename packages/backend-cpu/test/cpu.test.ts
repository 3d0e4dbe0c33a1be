import { cpu } from '@impflow/backend-cpu';
import { testBackend } from '@impflow/testkit';

testBackend({ adapter: cpu, reference: cpu });
