import { cpu } from '@impflow/backend-cpu';
import { testBackend } from '@impflow/testkit';

// Compared with itself, so a short training shows as much as a long one.
testBackend({ adapter: cpu, reference: cpu, steps: 16 });
