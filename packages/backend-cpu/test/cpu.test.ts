import { cpu } from '@impflow/backend-cpu';
import { testBackend } from '@impflow/testkit';

// The cpu backend is compared with itself, so a short training is enough.
testBackend({ adapter: cpu, reference: cpu, steps: 16 });
