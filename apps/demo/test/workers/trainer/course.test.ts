import { builtInRegistries } from '@impflow/flows';
import { toy } from '@impflow/tables/toys';
import { decodeCheckpoint } from '@impflow/training';
import { fitTable, LOWEST_RATE, type FitTableOptions } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import type { TrainingLength } from '../../../src/protocol/trainer.ts';
import { courseOf, VALIDATE_EVERY } from '../../../src/workers/trainer/course.ts';
import { heard, losses, SMALL, until } from './harness.ts';

const STEPS: TrainingLength = { unit: 'steps', most: 130 };
const TINY = { ...SMALL, blocks: 1, hidden: [8] };
const report = (step: number, seconds: number) => ({ step, seconds, loss: 0 });

describe('a training with an end', () => {
  it('the page trains as impflow does with a falling learning rate, ends with the best weights, and can continue', async () => {
    const here = heard();
    await here.start({ model: TINY, length: STEPS });
    here.worker.run(0);
    await until(() => here.steps.at(-1)?.ended === true);
    expect(here.steps.map(({ ended }) => ended).filter(Boolean)).toEqual([true]);
    expect(here.worker.ping()).toBe(130);
    const options: Omit<FitTableOptions, 'registries'> = {
      preset: 'toy',
      blocks: 1,
      hidden: [8],
      activation: 'sin',
      coeff: 0.99,
      batch: 256,
      lr: 5e-3,
      schedule: 'cosine',
      steps: 130,
      validateEvery: VALIDATE_EVERY,
      workers: 1,
    };
    const moons = { ...toy('moons'), columns: ['x', 'y'], source: 'moons' };
    const steps: number[] = [];
    const end = await fitTable(moons, {
      ...options,
      registries: builtInRegistries,
      onEvent: (event) => {
        if (event.kind === 'step') steps.push(event.loss);
      },
    });
    expect(losses(here)).toEqual(steps);
    if (end.stopped === 'aborted') throw new Error('aborted');
    const theirs = decodeCheckpoint(end.model.toBytes());
    const ours = decodeCheckpoint(await here.worker.checkpoint('file'));
    const best = Object.entries(theirs.tensors).filter(([name]) => name.startsWith('best.parameters.'));
    expect(best.length).toBeGreaterThan(3);
    for (const [name, values] of best) expect(ours.tensors[name.slice('best.'.length)]).toEqual(values);
    expect(ours.extra).toMatchObject({ options: { schedule: 'cosine', lr: 5e-3, steps: 130, horizon: 130 } });
    // A file for the visitor has one set of weights, the copy of the page has also the best weights.
    expect(ours.training?.best).toBeUndefined();
    expect(decodeCheckpoint(await here.worker.checkpoint('whole')).training?.best).toEqual(theirs.training?.best);
    await here.worker.step();
    expect(here.steps.at(-1)).toMatchObject({ step: 131 });
    expect(here.steps.at(-1)).not.toHaveProperty('ended');
  });

  it('a copy of a training continues exactly, with its best weights, and knows whether it has ended', async () => {
    const whole = heard();
    await whole.start({ model: TINY, length: STEPS });
    // Single steps, because a training that runs may end before it is paused.
    for (let i = 0; i < 110; i++) await whole.worker.step();
    const copy = await whole.worker.checkpoint('whole');
    const at = whole.worker.ping();
    whole.worker.run(0);
    await until(() => whole.steps.at(-1)?.ended === true);
    const last = decodeCheckpoint(await whole.worker.checkpoint('whole'));

    const again = heard();
    const started = await again.start({ model: TINY, length: STEPS, checkpoint: copy, isCopy: true });
    expect(started).toMatchObject({ step: at, ended: false });
    again.worker.run(0);
    await until(() => again.steps.at(-1)?.ended === true);
    expect(losses(again)).toEqual(losses(whole).slice(at));
    const end = decodeCheckpoint(await again.worker.checkpoint('whole'));
    expect(end.tensors).toEqual(last.tensors);
    const bytes = await again.worker.checkpoint('whole');
    expect(await heard().start({ model: TINY, length: STEPS, checkpoint: bytes, isCopy: true })).toMatchObject({
      ended: true,
    });
  });

  it('the length can change during the training; a wrong length is refused', async () => {
    const { worker, steps, start } = heard();
    await expect(start({ model: TINY, length: { unit: 'seconds', most: 0 } })).rejects.toThrow(
      'length of the training',
    );
    await start({ model: TINY });
    await worker.step();
    worker.change({ length: { unit: 'seconds', most: 1e-6 } });
    await worker.step();
    expect(steps.map(({ ended }) => ended)).toEqual([undefined, undefined]);
    worker.change({ length: { unit: 'steps', most: 3 } });
    await worker.step();
    expect(steps.at(-1)).toMatchObject({ step: 3, ended: true });
  });
});

describe('the course of a training', () => {
  it('the learning rate falls to a hundredth over the steps or over the seconds, and stays there', () => {
    const bySteps = courseOf(() => ({ unit: 'steps', most: 100 }));
    expect([0, 50, 100, 500].map((step) => bySteps.factor(step))).toEqual([
      1,
      expect.closeTo((1 + LOWEST_RATE) / 2, 6),
      LOWEST_RATE,
      LOWEST_RATE,
    ]);
    const bySeconds = courseOf(() => ({ unit: 'seconds', most: 10 }), 4);
    bySeconds.took(report(1, 1));
    expect(bySeconds.factor(1)).toBeCloseTo((1 + LOWEST_RATE) / 2, 6);
    expect(courseOf(() => undefined).factor(1e6)).toBe(1);
  });

  it('the training ends once, at the first step that completes its length, and a validation precedes the end', () => {
    const course = courseOf(() => ({ unit: 'seconds', most: 10 }));
    const ends = [4, 4, 4, 4].map((seconds, i) => [course.isDue(i + 1), course.took(report(i + 1, seconds))]);
    expect(ends).toEqual([
      [false, false],
      [false, false],
      [true, true],
      [false, false],
    ]);
    expect([course.isOver(4), course.horizon(4)]).toEqual([true, 4]);
    const endless = courseOf(() => undefined);
    expect([endless.isDue(100), endless.took(report(100, 1)), endless.isOver(100), endless.horizon(7)]).toEqual([
      false,
      false,
      false,
      7,
    ]);
  });
});
