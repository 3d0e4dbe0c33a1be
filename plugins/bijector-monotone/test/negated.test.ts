import { wasm } from '@impflow/backend-wasm';
import { negated } from '@impflow/bijector-monotone';
import { fold, key, type Contraction } from '@impflow/core';
import { dense, sequential, sin } from '@impflow/lipschitz';
import { testContraction } from '@impflow/testkit';

const layer = (inputs: number, outputs: number, i: number) => dense({ inputs, outputs, coeff: 0.9, key: fold(key(31), i) });

testContraction({ name: 'the negative of a contraction', make: () => negated(sequential([3], [layer(3, 8, 0), sin(), layer(8, 3, 1)])) as Contraction, backends: [wasm()] });
