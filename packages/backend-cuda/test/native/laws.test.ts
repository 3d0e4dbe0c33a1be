import { cpu } from '@impflow/backend-cpu';
import { native } from '@impflow/backend-cuda';
import { testBackend } from '@impflow/testkit';

testBackend({ adapter: native, reference: cpu });
