import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal } from '@impflow/core';
import { auditNorms, dense, sequential } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { dispose, memory, mul, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Returns a net of one dense layer with a new weight, so that `u` and `v` belong to another matrix. */
const changed = (inputs: number, outputs: number, seed: number): ReturnType<typeof sequential> => {
  const net = sequential([inputs], [dense({ inputs, outputs, coeff: 0.9, key: key(seed) })]);
  tidy(() => {
    net.parameters['layers.0.weight']!.assign(mul(drawNormal(key(seed + 1), [outputs, inputs]), 0.5));
  });
  return net;
};
const norm = (net: ReturnType<typeof sequential>): number => auditNorms(net, { coeff: 0.9 })[0]!.norm;

describe('a cap after its weight changed', () => {
  onBackend(cpu());

  it('is kept by a given number of power iterations', () => {
    const net = changed(16, 16, 1);
    expect(norm(net)).toBeGreaterThan(1);
    net.refresh({ iterations: 300 });
    expect(norm(net)).toBeLessThan(0.9 * (1 + 1e-3));
  });

  it('is disposed with the weight, so that no tensor is left when the variables of the net are disposed', () => {
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

  // With one column, v is +1 or -1. It must not cancel the random direction that is added to it.
  it.each(Array.from({ length: 12 }, (_, seed) => seed))('is kept with one column, key %i', (seed) => {
    const net = changed(1, 1, seed);
    net.refresh({ tolerance: 1e-5 });
    expect(norm(net)).toBeLessThan(0.9 * (1 + 1e-3));
    net.refresh({ iterations: 1 });
    expect(norm(net)).toBeLessThan(0.9 * (1 + 1e-3));
  });
});
