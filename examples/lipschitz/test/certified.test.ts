import { wasm } from '@impflow/backend-wasm';
import { type Backend } from '@impflow/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attack, boundOf, certify, imagesOf, labelsOf, trained } from '../certified.mjs';
import { digits } from '../digits.mjs';

let backend: Backend;
beforeAll(async () => {
  backend = await wasm().start();
});
afterAll(() => {
  backend.dispose();
});

it('an attack changes no predicted class within the certified radius, and most predicted classes within four times the radius', () => {
  const data = digits({ train: 150, test: 20 });
  const net = trained(data.train, { epochs: 4 });
  const [x, labels] = [imagesOf(data.test), labelsOf(data.test)];
  const bound = boundOf(net);
  expect(bound).toBeLessThan(net.lipschitz * (1 + 1e-3) ** 3);
  const { radii, answers } = certify(net, x, labels, bound);
  const right = radii.filter((radius) => radius > 0).length;
  expect(right / answers.length).toBeGreaterThan(0.8);
  expect(radii.filter((radius) => radius > 0.5).length / radii.length).toBeGreaterThan(0.4);
  const changed = (share: number): number =>
    attack(
      net,
      x,
      labels,
      radii.map((radius) => share * radius),
    ).filter((one, i) => one === 1 && radii[i]! > 0).length;
  expect(changed(0.999)).toBe(0);
  expect(changed(4)).toBeGreaterThan(0.5 * right);
});
