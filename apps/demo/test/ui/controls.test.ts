import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, SMALL_PRESET, type Config, type ModelChoice } from '../../src/config.ts';
import { parameterCount } from '../../src/state/parameters.ts';
import { controlsOf, editModel } from '../../src/ui/controls.ts';

/**
 * Creates a substitute for the session of the page. Like the real session, the substitute applies one change at a time
 * and needs some time for each change.
 */
const slowly = (initial: Config) => {
  const config = signal(initial);
  let turn = Promise.resolve();
  return {
    config,
    configure: (change: Partial<Config>): Promise<void> => {
      turn = turn.then(async () => {
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
        config.value = { ...config.value, ...change };
      });
      return turn;
    },
    done: () => turn,
  };
};

describe('controlsOf', () => {
  it('controls show a change immediately, and keep showing it while later changes are applied', async () => {
    const session = slowly(DEFAULTS);
    const controls = controlsOf(session);
    editModel(controls, 0, (model) => ({ ...model, blocks: 7 }));
    editModel(controls, 0, (model) => ({ ...model, hidden: [8] }));
    controls.edit(() => ({ batch: 64 }));
    expect(controls.config.value).toMatchObject({ batch: 64, models: [{ blocks: 7, hidden: [8] }] });
    expect(session.config.value).toBe(DEFAULTS);
    await session.done();
    expect(session.config.value).toMatchObject({ batch: 64, models: [{ blocks: 7, hidden: [8] }] });
  });

  it('when no change is pending, controls show the settings of the session, even if a change was refused', async () => {
    const session = { config: signal(DEFAULTS), configure: async () => {} };
    const controls = controlsOf(session);
    controls.edit(() => ({ batch: 64 }));
    expect(controls.config.value.batch).toBe(64);
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    expect(controls.config.value).toBe(DEFAULTS);
  });

  const afterWidening = (equalParameters: boolean): readonly ModelChoice[] => {
    const controls = controlsOf(
      slowly({ ...DEFAULTS, equalParameters, models: [SMALL_PRESET, { ...SMALL_PRESET, kind: 'coupling' }] }),
    );
    editModel(controls, 0, (model) => ({ ...model, hidden: [100, 100] }));
    return controls.config.value.models;
  };

  it('with `equalParameters`, a change of the first model adapts the widths of the second model', () => {
    const [first, second] = afterWidening(true);
    expect(Math.abs(parameterCount(second!) / parameterCount(first!) - 1)).toBeLessThan(0.02);
  });

  it('with `equalParameters`, a changed number of blocks of the first model is copied to the second model', () => {
    const second: ModelChoice = { ...SMALL_PRESET, kind: 'residual', blocks: 6 };
    const controls = controlsOf(slowly({ ...DEFAULTS, models: [SMALL_PRESET, second] }));
    editModel(controls, 0, (model) => ({ ...model, hidden: [32, 32] }));
    expect(controls.config.value.models[1]!.blocks).toBe(6);
    editModel(controls, 0, (model) => ({ ...model, blocks: 3 }));
    const [a, b] = controls.config.value.models.map(({ blocks, hidden }) => ({ blocks, hidden }));
    expect(b).toEqual(a);
    editModel(controls, 1, (model) => ({ ...model, blocks: 5 }));
    expect(controls.config.value.models.map(({ blocks }) => blocks)).toEqual([3, 5]);
  });

  it('without `equalParameters`, a change of the first model does not change the second model', () => {
    expect(afterWidening(false)[1]!.hidden).toEqual(SMALL_PRESET.hidden);
  });
});
