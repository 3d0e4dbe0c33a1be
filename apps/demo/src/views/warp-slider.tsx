import { useSignal, type Signal } from '@preact/signals';
import type { JSX, TargetedInputEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Run } from '../state/session-types.ts';
import { stageName } from './describe.ts';
import { stillness } from './hooks.ts';
import { positionAfter } from './warp-stages.ts';

interface WarpSliderProps {
  readonly run: Run;
  /**
   * Number of blocks that the grid has passed. A value between two integers is a position between two stages. A value
   * beyond the last stage means the last stage.
   */
  readonly at: Signal<number>;
}

/** A slider for the number of blocks that the grid has passed, and a button for an animation through all blocks. */
export const WarpSlider = ({ run, at }: WarpSliderProps): JSX.Element => {
  const running = useSignal(false);
  const labels = run.warp.value?.labels ?? [];
  const last = Math.max(0, labels.length - 1);

  useEffect(() => {
    if (!running.value) return;
    const [start, still] = [performance.now(), stillness()];
    let frame = requestAnimationFrame(function move(now) {
      const stages = run.warp.peek()?.stages.length ?? 1;
      at.value = positionAfter(now - start, stages, still);
      if (at.value >= stages - 1) running.value = false;
      else frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }, [running.value]);

  const choose = (event: TargetedInputEvent<HTMLInputElement>): void => {
    running.value = false;
    at.value = Number(event.currentTarget.value);
  };
  const stage = Math.round(Math.min(at.value, last));
  const name = stageName(labels, stage);
  return (
    <div class="warp-slider">
      <button
        type="button"
        disabled={last === 0}
        onClick={() => {
          running.value = !running.value;
        }}
      >
        {running.value ? 'Stop' : 'Through the blocks'}
      </button>
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={stage}
        disabled={last === 0}
        aria-label="Stage of the grid"
        aria-valuetext={name}
        onInput={choose}
      />
      <span class="warp-stage">{labels.length === 0 ? 'no grid yet' : `${name} (${stage} of ${last})`}</span>
    </div>
  );
};
