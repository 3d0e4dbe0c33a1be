import { parityCases } from '../../../flows/test/parity/files.ts';
import { testParity } from '../../../flows/test/parity/suite.ts';
import { cpuBuild } from '../../src/tensorflow.ts';

testParity(cpuBuild(), parityCases());
