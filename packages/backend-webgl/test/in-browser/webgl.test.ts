import { cpu } from '@impflow/backend-cpu';
import { webgl } from '@impflow/backend-webgl';
import { testBackend } from '@impflow/testkit';

// 500 steps on software graphics would take minutes. `npm run measure -- backends` makes these steps.
testBackend({ adapter: webgl, reference: cpu, steps: 100, precision: { sin: 1e-3, cos: 1e-3, default: 1e-5 } });
