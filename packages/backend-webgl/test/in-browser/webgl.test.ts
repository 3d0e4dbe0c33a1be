import { cpu } from '@impflow/backend-cpu';
import { webgl } from '@impflow/backend-webgl';
import { testBackend } from '@impflow/testkit';

// The default of 500 training steps would take minutes on software graphics, so this test makes 100 steps.
// `npm run measure -- backends` trains for 500 steps.
testBackend({ adapter: webgl, reference: cpu, steps: 100, precision: { sin: 1e-3, cos: 1e-3, default: 1e-5 } });
