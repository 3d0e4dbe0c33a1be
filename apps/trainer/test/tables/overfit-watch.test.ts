import type { FitEvent } from 'impflow';
import { expect, it } from 'vitest';
import { overfitWatch } from '../../src/tables/overfit-watch.ts';

/** Events of a training of 60 steps with a validation after every fifth step. */
const watched = (loss: (step: number) => number, validation: (step: number) => number): boolean => {
  const watch = overfitWatch();
  const tell = (event: object): void => watch.onEvent(event as FitEvent);
  tell({ kind: 'start', step: 0 });
  let best = { step: 0, nats: Infinity };
  for (let step = 1; step <= 60; step++) {
    const nats = validation(step);
    if (step % 5 === 0 && nats < best.nats) best = { step, nats };
    tell({
      kind: 'step',
      step,
      loss: loss(step),
      ...(step % 5 === 0 ? { validation: { nats, standardError: 0.1 } } : {}),
    });
  }
  return watch.isOverfit(best);
};

it('a flow overfits if its validation loss rises after the best step while the training loss falls', () => {
  const falling = (step: number): number => 5 - step / 50;
  const turning = (step: number): number => 4 + Math.abs(step - 20) / 100;
  expect(watched(falling, turning)).toBe(true);
  expect(watched(() => 5, turning)).toBe(false);
  expect(watched(falling, falling)).toBe(false);
  // A rise in the size of the noise of a validation.
  expect(watched(falling, (step) => 4 + Math.abs(step - 20) / 10_000)).toBe(false);
  // Too few steps after the best step.
  expect(watched(falling, (step) => 4 + Math.abs(step - 50) / 10)).toBe(false);
});

it('only the last training of a fit counts, and without a validation nothing is known', () => {
  const watch = overfitWatch();
  expect(watch.isOverfit(undefined)).toBe(false);
  for (let step = 1; step <= 40; step++)
    watch.onEvent({
      kind: 'step',
      step,
      steps: 40,
      loss: -step,
      gradientNorm: 1,
      learningRate: 1e-3,
      rows: 1,
      seconds: 1,
      progress: step / 40,
      validation: { nats: step, standardError: 1 },
    });
  expect(watch.isOverfit({ step: 1, nats: 1 })).toBe(true);
  watch.onEvent({ kind: 'start', step: 0 });
  expect(watch.isOverfit({ step: 1, nats: 1 })).toBe(false);
});
