import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { parityCases } from './files.ts';
import { testParity } from './suite.ts';

testParity(cpu(), parityCases());
testParity(wasm(), parityCases());
