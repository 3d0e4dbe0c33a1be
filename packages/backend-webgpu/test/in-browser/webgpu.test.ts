import { cpu } from '@impflow/backend-cpu';
import { webgpu } from '@impflow/backend-webgpu';
import { testBackend } from '@impflow/testkit';

// The default of 500 training steps would take minutes on software graphics, so this test makes fewer steps.
// `npm run measure -- backends` trains for 500 steps.
testBackend({ adapter: webgpu, reference: cpu, steps: 40, precision: { sin: 1e-3, cos: 1e-3, default: 1e-5 } });
