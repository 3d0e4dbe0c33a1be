import { useComputed, useSignal, useSignalEffect, type ReadonlySignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { count } from '../axes.ts';
import type { Run, Session } from '../state/session-types.ts';
import { useLayer } from './canvas.ts';
import { cellAt, cellsAlong, type Cell } from './cells.ts';
import { planePainter, type Plane } from './draw-plane.ts';
import { pointAt } from './frame.ts';
import { amend, stillness, throttled, useWidth } from './hooks.ts';
import { offerPicture } from './picture.ts';
import {
  cellInWords,
  lastOf,
  planesInWords,
  planesNow,
  positionsOf,
  type PlanesState,
  type Way,
} from './planes-scene.ts';
import { Followed } from './stage-words.tsx';
import { useTheme } from './theme.ts';
import { between, boxesOf, positionAfter } from './warp-stages.ts';

/** Distance between the two planes, in CSS pixels. */
const GAP = 8;
/** Pause before the dots move by themselves in the other direction, in milliseconds. */
const BETWEEN_MS = 900;

/**
 * Shows the data plane and the base plane side by side. Both planes show the same points in the same colors. An
 * animation moves the points through the blocks.
 */
export const Planes = ({ session, run }: { readonly session: Session; readonly run: Run }): JSX.Element => {
  const box = useRef<HTMLDivElement | null>(null);
  const width = useWidth(box);
  const theme = useTheme();
  const way = useSignal<Way>('there');
  const at = useSignal(Infinity);
  const cell = useSignal<Cell | undefined>(undefined);
  const boxes = useComputed(() => (run.warp.value === undefined ? [] : boxesOf(run.warp.value, session.region.value)));
  const now = (): PlanesState => ({
    session,
    run,
    theme: theme.value,
    way: way.value,
    at: at.value,
    boxes: boxes.value,
    cell: cell.value,
  });
  const side = useComputed(() => Math.floor((width.value - GAP) / 2));
  const planes = useComputed(() => planesNow(now(), Math.max(0, side.value)));

  useEffect(
    () =>
      offerPicture(run.slot, (size) => {
        const both = planesNow(now(), Math.floor((size - GAP) / 2));
        const step = count(run.warp.peek()?.step ?? run.step.peek());
        const painter = planePainter();
        return {
          theme: theme.peek(),
          full: both?.[0].frame.full ?? 0,
          draw: (context, scale) => {
            if (both === undefined) return;
            painter(context, both[0], scale);
            context.translate(both[0].frame.size + GAP, 0);
            painter(context, both[1], scale);
            context.translate(-both[0].frame.size - GAP, 0);
          },
          caption: CAPTION,
          title: `${session.data.peek()?.name ?? 'data'}, data and base, step ${step}`,
        };
      }),
    [session, run],
  );

  /** Selects the grid cell under the mouse in one of the planes. */
  const pointIn =
    (which: 0 | 1) =>
    (event: MouseEvent): void => {
      const place = placeIn(planes.peek()?.[which], event);
      const warp = run.warp.peek();
      cell.value =
        place === undefined || warp === undefined
          ? undefined
          : cellAt(between(warp.stages, positionsOf(now())[which]), warp.pointsPerLine, place);
    };
  const choose = (event: MouseEvent): void => {
    const place = placeIn(planes.peek()?.[0], event);
    if (place !== undefined && positionsOf(now())[0] === 0) amend(session.view, { point: place });
  };
  const clear = (): void => {
    const { point: _point, ...rest } = session.view.peek();
    session.view.value = rest;
  };
  const onKey = (event: KeyboardEvent): void => {
    const warp = run.warp.peek();
    const way = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] } as const)[
      event.key as 'ArrowLeft'
    ];
    if (way === undefined || warp === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const most = cellsAlong(warp) - 1;
    const [column, row] = cell.peek() ?? [Math.floor(most / 2), Math.floor(most / 2)];
    const within = (value: number): number => Math.max(0, Math.min(most, value));
    cell.value = [within(column + way[0]), within(row + way[1])];
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (): void => {
    cell.value = undefined;
  };
  const words = useComputed(() => cellInWords(now()));
  const id = `planes-${run.slot}`;
  return (
    <figure class="stage planes">
      <div class="planes-pair" ref={box}>
        {([0, 1] as const).map((which) => (
          <PlaneCanvas
            key={which}
            planes={planes}
            which={which}
            describedBy={`${id}-keys`}
            label={() => `${planesInWords(now())}. ${words.peek() ?? ''}`}
            events={{
              onPointerMove: pointIn(which),
              onPointerDown: pointIn(which),
              onPointerLeave: leave,
              onKeyDown: onKey,
              onBlur: leave,
              ...(which === 0 ? { onClick: choose } : {}),
            }}
          />
        ))}
      </div>
      <p class="visually-hidden" id={`${id}-keys`}>
        Arrow keys move from cell to cell of the grid; both planes show the same cell.
      </p>
      <output class="stage-pointed">
        {words.value ?? 'Point at a cell on one side and see it on the other; click into the data to follow a point.'}
      </output>
      <Time session={session} run={run} at={at} way={way} />
      <Followed session={session} run={run} clear={clear} />
      <figcaption>{CAPTION}</figcaption>
    </figure>
  );
};

const CAPTION =
  'A flow is one map between two planes, in both directions: it maps the data to a round cloud, a Gaussian, and draws ' +
  'of the Gaussian to new data. Every point keeps its color. No two points ever meet, so every move can be undone.';

const placeIn = (plane: Plane | undefined, event: MouseEvent): readonly [number, number] | undefined => {
  if (plane === undefined) return undefined;
  const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
  return pointAt(plane.frame, event.clientX - left, event.clientY - top);
};

const NOTHING = { frame: { size: 0, full: 0 } } as Plane;

const PlaneCanvas = ({
  planes,
  which,
  describedBy,
  label,
  events,
}: {
  readonly planes: ReadonlySignal<readonly [Plane, Plane] | undefined>;
  readonly which: 0 | 1;
  readonly describedBy: string;
  readonly label: () => string;
  readonly events: JSX.IntrinsicElements['canvas'];
}): JSX.Element => {
  const content = useComputed(() => planes.value?.[which] ?? NOTHING);
  const canvas = useLayer(content, useMemo(planePainter, []));
  const full = useComputed(() => content.value.frame.full);
  useEffect(() => {
    const describe = throttled(() => canvas.current?.setAttribute('aria-label', label()), 1500);
    const end = content.subscribe(describe.request);
    return () => {
      end();
      describe.stop();
    };
  }, []);
  return (
    <canvas
      ref={canvas}
      class="plane"
      tabIndex={0}
      role="application"
      aria-roledescription="picture"
      aria-label="No picture yet."
      aria-describedby={describedBy}
      style={full.value === 0 ? undefined : { blockSize: `${full.value}px` }}
      {...events}
    />
  );
};

/** Controls of the animation: the number of blocks that the points have passed, and the direction. */
const Time = ({
  session,
  run,
  at,
  way,
}: {
  readonly session: Session;
  readonly run: Run;
  readonly at: Signal<number>;
  readonly way: Signal<Way>;
}): JSX.Element => {
  const running = useSignal<Way | undefined>(undefined);
  const last = lastOf(run.warp.value);
  useSignalEffect(() => {
    if (running.value === undefined) return undefined;
    way.value = running.value;
    const [start, still] = [performance.now(), stillness()];
    let frame = requestAnimationFrame(function move(now) {
      const stages = lastOf(run.warp.peek()) + 1;
      at.value = positionAfter(now - start, stages, still);
      if (at.value >= stages - 1) running.value = undefined;
      else frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  });
  const next = useSignal<Way>('there');
  // Every new picture changes `run.warp`. A timer that each change restarted would never end.
  const moves = useComputed(() => session.view.value.moves === true && run.warp.value !== undefined);
  useSignalEffect(() => {
    if (!moves.value || running.value !== undefined) return undefined;
    const timer = setTimeout(() => {
      running.value = next.peek();
      next.value = next.peek() === 'there' ? 'back' : 'there';
    }, BETWEEN_MS);
    return () => clearTimeout(timer);
  });
  /** From now on the dots move only when the visitor asks for it. */
  const take = (): void => amend(session.view, { moves: false });
  const passed = Math.round(Math.min(at.value, last));
  const button = (which: Way, words: string): JSX.Element => (
    <button
      type="button"
      disabled={last === 0}
      aria-pressed={way.value === which}
      onClick={() => {
        take();
        running.value = running.value === which ? undefined : which;
      }}
    >
      {running.value === which ? 'Stop' : words}
    </button>
  );
  return (
    <div class="warp-slider">
      {button('there', 'Data → Gaussian')}
      {button('back', 'Gaussian → samples')}
      <input
        type="range"
        min={0}
        max={last}
        step={0.05}
        value={Math.min(at.value, last)}
        disabled={last === 0}
        aria-label="Blocks passed"
        aria-valuetext={`${passed} of ${last} blocks`}
        onInput={({ currentTarget }) => {
          take();
          running.value = undefined;
          at.value = Number(currentTarget.value);
        }}
      />
      <span class="warp-stage">
        {last === 0 ? 'nothing yet' : `${passed} of ${last} ${way.value === 'there' ? 'blocks' : 'blocks back'}`}
      </span>
    </div>
  );
};
