import { signal, useComputed, useSignal, useSignalEffect, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { WALL } from '../scenes.ts';
import { stillness, useOnScreen } from '../views/hooks.ts';
import { intoView } from './into-view.ts';
import { bananaAt, steepCurve, slopesFor } from './story-shapes.ts';
import { keep, recall } from './theme.ts';

const STORY = 'impflow-story';

/**
 * The introduction above the workbench. The introduction explains an implicit flow in three steps, each with a picture.
 */
export const Story = ({ openWall }: { readonly openWall: () => void }): JSX.Element => {
  const [open] = useState(
    // The introduction is initially closed if the window is low, for example at 200 % zoom, or if the address has
    // settings.
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
          A <em>flow</em> is a chain of blocks that move points. It bends the data into a round cloud, and every move
          can be undone. Where a point lands tells how likely it is; the moves undone make new data.
        </Step>
        <Step title="A residual block cannot be steep" picture={<Slope kind="residual" slope={slope} />}>
          Sharp edges in the data call for a steep block. A <em>residual</em> block makes <Formula z="z" x="x + g(x)" />{' '}
          from <i>x</i>. The learned <i>g</i> is kept gentle, with slopes between −1 and 1, so that it can be undone. So
          the slope of a block stays below 2, and sharp data take a long chain.
        </Step>
        <Step title="An implicit block can be steep" picture={<Slope kind="implicit" slope={slope} />}>
          A block of an <em>implicit flow</em> takes the <i>z</i> that solves <Implicit />, with two gentle functions.
          Its slope is the right side’s, between 0 and 2, divided by the left side’s: dividing by almost 0 gives any
          slope. It can be undone too; the price is a search for <i>z</i>.{' '}
          <a
            href={WALL}
            onClick={(event) => {
              event.preventDefault();
              openWall();
            }}
          >
            Watch two blocks try
          </a>
        </Step>
      </ol>
    </details>
  );
};

const Formula = ({ z, x }: { readonly z: ComponentChildren; readonly x: ComponentChildren }): JSX.Element => (
  <i class="formula">
    {z} = {x}
  </i>
);

const Implicit = (): JSX.Element => (
  <Formula
    z={
      <>
        z + g<sub>z</sub>(z)
      </>
    }
    x={
      <>
        x + g<sub>x</sub>(x)
      </>
    }
  />
);

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

/**
 * A picture of a bent cloud of points that becomes round. An animation runs when the picture is first visible. After
 * the animation a slider controls the shape of the cloud.
 */
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
      <div class="story-pair">
        <Clouds clouds={BENT} label="A bent cloud of points: the data" />
        <Clouds clouds={clouds} label="The same points on their way to a round cloud" circles />
      </div>
      <Mini
        label="Bent to round"
        value={share}
        most={1}
        step={0.01}
        moved={() => {
          playing.value = false;
        }}
      />
      <span class="story-words">data → round cloud</span>
    </div>
  );
};

/** A picture of the bent cloud of points, which represents the data and does not change. */
const BENT = signal(bananaAt(0));

const Clouds = ({
  clouds,
  label,
  circles = false,
}: {
  readonly clouds: ReadonlySignal<readonly string[]>;
  readonly label: string;
  readonly circles?: boolean;
}): JSX.Element => (
  <svg viewBox="-3.4 -3.4 6.8 6.8" role="img" aria-label={label}>
    {circles ? (
      <>
        <circle r="1" />
        <circle r="2" />
      </>
    ) : null}
    <Cloud clouds={clouds} which={0} />
    <Cloud clouds={clouds} which={1} />
    <Cloud clouds={clouds} which={2} />
  </svg>
);

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

/**
 * A picture of a steep curve and of the closest curve that a block of this kind can compute. The picture for implicit
 * blocks also shows the curve of a residual block.
 */
const Slope = ({
  kind,
  slope,
}: {
  readonly kind: 'residual' | 'implicit';
  readonly slope: Signal<number>;
}): JSX.Element => {
  const wanted = useComputed(() => steepCurve(slope.value));
  const residual = useComputed(() => steepCurve(Math.min(2, slope.value)));
  const words = useComputed(() => slopesFor(kind, slope.value));
  return (
    <div class="story-picture">
      <svg viewBox="-1.1 -1.1 2.2 2.2" role="img" aria-label={`A steep curve in gray, and a ${kind} block`}>
        <path class="wanted" d={wanted} />
        <path class={kind === 'implicit' ? 'residual faint' : 'residual'} d={residual} />
        {kind === 'implicit' ? <path class="implicit" d={wanted} /> : null}
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
