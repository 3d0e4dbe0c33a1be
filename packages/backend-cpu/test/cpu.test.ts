import { cpu } from '@impflow/backend-cpu';
import { testBackend } from '@impflow/testkit';

// The backend is compared with itself, so a longer training would show nothing more.
testBackend({ adapter: cpu, reference: cpu, steps: 16 });
