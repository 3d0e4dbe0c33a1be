import { useComputed, useSignal, useSignalEffect, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { stillness, useOnScreen } from '../views/hooks.ts';
import { intoView } from './into-view.ts';
import { bananaAt, steepCurve, slopesFor } from './story-shapes.ts';
import { keep, recall } from './theme.ts';

const STORY = 'impflow-story';

/** What an implicit flow is, in three steps with a picture each, before the machine itself. */
export const Story = (): JSX.Element => {
  const [open] = useState(
    // A low window, such as one at 200 %, begins with the machine, and so does an address that says what to show.
    () => recall(STORY) !== 'closed' && location.hash === '' && matchMedia('(min-height: 561px)').matches,
  );
  const slope = useSignal(6);
  return (
    <details class="story" open={open} onToggle={(event) => keep(STORY, event.currentTarget.open ? 'open' : 'closed')}>
      <summary>
        <h2>What is an implicit flow? Three steps</h2>
      </summary>
      <ol onFocusIn={intoView}>
        <Step title="Bend the data into a round cloud" picture={<Bend />}>
          A flow moves every point so that a complicated cloud becomes a round one, and it can undo every move. So it
          knows how likely each place is, and it can turn round clouds into new data.
        </Step>
        <Step title="An ordinary block cannot be steep" picture={<Slope kind="residual" slope={slope} />}>
          A <em>residual</em> block shifts each point a little, <i>z = x + g(x)</i>. To be undone it must be gentle: its
          slope stops at 2, however large it is. Steep data take many blocks.
        </Step>
        <Step title="An implicit block divides slopes" picture={<Slope kind="implicit" slope={slope} />}>
          An <em>implicit</em> block solves{' '}
          <i>
            z + g<sub>z</sub>(z) = x + g<sub>x</sub>(x)
          </i>
          : one gentle slope divided by another. It is as steep as it must be, with no more numbers to learn.
        </Step>
      </ol>
    </details>
  );
};

const Step = ({
  title,
  picture,
  children,
}: {
  readonly title: string;
  readonly picture: JSX.Element;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <li>
    {picture}
    <div>
      <h3>{title}</h3>
      <p>{children}</p>
    </div>
  </li>
);

/** A bent cloud that becomes round: once when it is first seen, then by the slider. */
const Bend = (): JSX.Element => {
  const share = useSignal(0);
  const playing = useSignal(false);
  const seen = useSignal(false);
  const box = useOnScreen((visible) => {
    if (visible && !seen.peek()) [seen.value, playing.value] = [true, !stillness()];
  });
  useSignalEffect(() => {
    if (!playing.value) return undefined;
    const start = performance.now();
    let frame = requestAnimationFrame(function move(now) {
      const t = Math.min(1, (now - start - 600) / 2400);
      share.value = t <= 0 ? 0 : t * t * (3 - 2 * t);
      if (t < 1) frame = requestAnimationFrame(move);
      else playing.value = false;
    });
    return () => cancelAnimationFrame(frame);
  });
  const clouds = useComputed(() => bananaAt(share.value));
  return (
    <div class="story-picture" ref={box}>
      <svg viewBox="-3.4 -3.4 6.8 6.8" role="img" aria-label="A bent cloud of points becomes a round one">
        <circle r="1" />
        <circle r="2" />
        <Cloud clouds={clouds} which={0} />
        <Cloud clouds={clouds} which={1} />
        <Cloud clouds={clouds} which={2} />
      </svg>
      <Mini
        label="Bent to round"
        value={share}
        most={1}
        step={0.01}
        moved={() => {
          playing.value = false;
        }}
      />
    </div>
  );
};

const Cloud = ({
  clouds,
  which,
}: {
  readonly clouds: ReadonlySignal<readonly string[]>;
  readonly which: 0 | 1 | 2;
}): JSX.Element => {
  const path = useComputed(() => clouds.value[which] ?? '');
  return <path class={`cloud curve-${which + 1}`} d={path} />;
};

/** A steep curve, and the closest that a block of that kind comes to it. */
const Slope = ({
  kind,
  slope,
}: {
  readonly kind: 'residual' | 'implicit';
  readonly slope: Signal<number>;
}): JSX.Element => {
  const wanted = useComputed(() => steepCurve(slope.value));
  const reached = useComputed(() => steepCurve(kind === 'residual' ? Math.min(2, slope.value) : slope.value));
  const words = useComputed(() => slopesFor(kind, slope.value));
  return (
    <div class="story-picture">
      <svg viewBox="-1.1 -1.1 2.2 2.2" role="img" aria-label={`A curve and a ${kind} block`}>
        <path class="wanted" d={wanted} />
        <path class={kind} d={reached} />
      </svg>
      <Mini label="Slope of the curve" value={slope} least={1} most={20} step={0.5} />
      <span class="story-words">{words}</span>
    </div>
  );
};

const Mini = ({
  label,
  value,
  least = 0,
  most,
  step,
  moved,
}: {
  readonly label: string;
  readonly value: Signal<number>;
  readonly least?: number;
  readonly most: number;
  readonly step: number;
  readonly moved?: () => void;
}): JSX.Element => {
  return (
    <input
      type="range"
      aria-label={label}
      min={least}
      max={most}
      step={step}
      value={value}
      onInput={({ currentTarget }) => {
        moved?.();
        value.value = Number(currentTarget.value);
      }}
    />
  );
};
