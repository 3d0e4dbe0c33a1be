import { capsOf, flowSpec, type FlowSpec } from '@impflow/flows';
import { expect, it } from 'vitest';

it('`capsOf` returns the cap of each net for the path of a layer', () => {
  const net = (coeff: number) => ({ hidden: [4], activation: { name: 'sin' }, coeff });
  const spec: FlowSpec = {
    ...flowSpec({ dim: 4 }),
    blocks: [
      { kind: 'actNorm' },
      { kind: 'implicit', gx: net(0.9), gz: net(0.8) },
      { kind: 'residual', g: net(0.7) },
      { kind: 'factorOut', blocks: [{ kind: 'linear' }, { kind: 'implicit', gx: net(0.6), gz: net(0.5) }] },
    ],
  };
  const capOf = capsOf(spec);
  expect(
    [
      'blocks.1.gx.layers.0',
      'blocks.1.gz.layers.2',
      'blocks.2.g.layers.0',
      'blocks.3.1.gx.layers.4',
      'blocks.3.1.gz.layers.0',
      'blocks.0.weight',
      'blocks.3.0.lower',
    ].map(capOf),
  ).toEqual([0.9, 0.8, 0.7, 0.6, 0.5, Infinity, Infinity]);
});
