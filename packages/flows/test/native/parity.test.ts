import { native } from '@impflow/backend-cuda';
import { parityCases } from '../parity/files.ts';
import { testParity } from '../parity/suite.ts';

testParity(native(), parityCases());
