import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal } from '@impflow/core';
import { auditNorms, dense, sequential } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { dispose, memory, mul, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/**
 * Returns a net of one dense layer whose weight has changed, so that its vectors `u` and `v` belong to the previous
 * weight.
 */
const changed = (inputs: number, outputs: number, seed: number): ReturnType<typeof sequential> => {
  const net = sequential([inputs], [dense({ inputs, outputs, coeff: 0.9, key: key(seed) })]);
  tidy(() => {
    net.parameters['layers.0.weight']!.assign(mul(drawNormal(key(seed + 1), [outputs, inputs]), 0.5));
  });
  return net;
};
const norm = (net: ReturnType<typeof sequential>): number => auditNorms(net, { coeff: 0.9 })[0]!.norm;

describe('the cap of a layer whose weight has changed', () => {
  onBackend(cpu());

  it('300 power iterations bring the norm of a changed weight within the cap', () => {
    const net = changed(16, 16, 1);
    expect(norm(net)).toBeGreaterThan(1);
    net.refresh({ iterations: 300 });
    expect(norm(net)).toBeLessThan(0.9 * (1 + 1e-3));
  });

  it('the capped weight is disposed with the weight, so that disposing the variables of a net leaves no tensor', () => {
    const before = memory();
    const net = changed(5, 5, 3);
    // The net is applied twice, once for each value of the capped weight.
    tidy(() => {
      net.apply(drawNormal(key(4), [2, 5]));
    });
    net.refresh({ tolerance: 1e-5 });
    tidy(() => {
      net.apply(drawNormal(key(4), [2, 5]));
    });
    expect(memory().numTensors).toBeGreaterThan(before.numTensors);
    dispose([...Object.values(net.parameters), ...Object.values(net.buffers)]);
    expect(memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
      numBytes: before.numBytes,
    });
  });

  // With one column, v is +1 or -1. The random direction that is added to v must not cancel v.
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'the norm of a 1 x 1 weight is within the cap after a refresh, key %i',
    (seed) => {
      const net = changed(1, 1, seed);
      net.refresh({ tolerance: 1e-5 });
      expect(norm(net)).toBeLessThan(0.9 * (1 + 1e-3));
      net.refresh({ iterations: 1 });
      expect(norm(net)).toBeLessThan(0.9 * (1 + 1e-3));
    },
  );
});
