import { webgpu } from '@impflow/backend-webgpu';
import { parityCases } from '../parity/files.ts';
import { testParity } from '../parity/suite.ts';

// The tests in a browser compare all flows without images.
testParity(
  webgpu(),
  parityCases().filter(({ name }) => name.startsWith('toy_sin')),
);
