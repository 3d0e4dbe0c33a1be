import { cpu } from '@impflow/backend-cpu';
import { webgpu } from '@impflow/backend-webgpu';
import { testBackend } from '@impflow/testkit';

// 500 steps on software graphics would take minutes. `npm run measure -- backends` makes these steps.
testBackend({ adapter: webgpu, reference: cpu, steps: 40, precision: { sin: 1e-3, cos: 1e-3, default: 1e-5 } });
