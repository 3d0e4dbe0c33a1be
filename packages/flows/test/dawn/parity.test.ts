import { webgpu } from '@impflow/backend-webgpu';
import { parityCases } from '../parity/files.ts';
import { testParity } from '../parity/suite.ts';

// This file tests only one case. The tests in a browser compare all flows except flows on images.
testParity(
  webgpu(),
  parityCases().filter(({ name }) => name.startsWith('toy_sin')),
);
