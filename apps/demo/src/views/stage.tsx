import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { count } from '../axes.ts';
import type { Run, Session } from '../state/session-types.ts';
import { useLayer } from './canvas.ts';
import { DotLegend } from './dot-legend.tsx';
import { backPainter } from './draw-background.ts';
import { dotsOver, dotsPainter } from './draw-dots.ts';
import { drawMarks } from './draw-marks.ts';
import { middleOf, moved, pointAt } from './frame.ts';
import { amend, identityOf, throttled, useWidth } from './hooks.ts';
import { lazily } from './lazily.tsx';
import { offerPicture } from './picture.ts';
import { backNow, captionNow, dotsNow, frameNow, marksNow, seenInWords, type StageState } from './scene.ts';
import { Followed, Pointed, type Cursor } from './stage-words.tsx';
import { useTheme } from './theme.ts';
import { WarpSlider } from './warp-slider.tsx';
import { boxesOf } from './warp-stages.ts';

export { pictureOf } from './picture.ts';

const Planes = lazily(async () => (await import('./planes.tsx')).Planes);

interface StageProps {
  readonly session: Session;
  readonly run: Run;
}

/**
 * The picture of a model, with a description of the picture. The picture is a map or a warped grid. Data rows, samples
 * and a chosen point are drawn over the map or the grid.
 */
export const Stage = ({ session, run }: StageProps): JSX.Element =>
  session.view.value.stage === 'planes' ? (
    <Planes key={identityOf(run)} session={session} run={run} />
  ) : (
    <StageOfRun key={identityOf(run)} session={session} run={run} />
  );

const StageOfRun = ({ session, run }: StageProps): JSX.Element => {
  const box = useRef<HTMLDivElement | null>(null);
  const width = useWidth(box);
  const theme = useTheme();
  // The warped grid is shown in base space, after all blocks, until the visitor chooses another stage.
  const warpAt = useSignal(Infinity);
  const cursor = useSignal<Cursor | undefined>(undefined);
  const boxes = useComputed(() => (run.warp.value === undefined ? [] : boxesOf(run.warp.value, session.region.value)));
  const now = (): StageState => ({ session, run, warpAt: warpAt.value, boxes: boxes.value });

  const frame = useComputed(() => frameNow(now(), width.value));
  const height = useComputed(() => frame.value.full);
  const back = useLayer(
    useComputed(() => backNow(now(), frame.value, theme.value)),
    useMemo(backPainter, []),
  );
  const dots = useLayer(
    useComputed(() => dotsNow(now(), frame.value)),
    useMemo(dotsPainter, []),
    true,
  );
  const alpha = useComputed(() => dotsNow(now(), frame.value).alpha);
  const crossHair = useComputed(() => (cursor.value?.by === 'keys' ? cursor.value.at : undefined));
  const marks = useLayer(
    useComputed(() => marksNow(now(), frame.value, crossHair.value)),
    drawMarks,
  );

  useEffect(
    () =>
      offerPicture(run.slot, (size) => {
        const state = now();
        const large = frameNow(state, size);
        const { models, data } = session.config.peek();
        const picture = session.view.peek().stage === 'warp' ? run.warp : run.map;
        const step = count(picture.peek()?.step ?? run.step.peek());
        return {
          theme: theme.peek(),
          full: large.full,
          draw: (context, scale) => {
            backPainter()(context, backNow(state, large, theme.peek()));
            dotsOver(context, dotsNow(state, large), scale);
            drawMarks(context, marksNow(state, large, undefined));
          },
          caption: captionNow(state),
          title: `${session.data.peek()?.name ?? data.name}, ${models[run.slot]?.kind ?? ''} model, step ${step}`,
        };
      }),
    [session, run],
  );

  // The description is written directly to the HTML attribute every few seconds. Writing the attribute directly avoids
  // rendering the component a second time.
  useEffect(() => {
    const describe = throttled(() => marks.current?.setAttribute('aria-label', seenInWords(now())), 3000);
    describe.request();
    const end = [run.map, run.warp, run.samples, session.view, warpAt].map((signal) =>
      signal.subscribe(describe.request),
    );
    return () => {
      end.forEach((stop) => stop());
      describe.stop();
    };
  }, [session, run]);

  /** Whether the picture is in data space. Points can be chosen only in data space. */
  const inData = useComputed(
    () => session.view.value.stage !== 'warp' || run.warp.value === undefined || warpAt.value === 0,
  );
  const choose = (point: readonly [number, number]): void => {
    if (inData.peek()) amend(session.view, { point });
  };
  const clear = (): void => {
    const { point: _point, ...rest } = session.view.peek();
    session.view.value = rest;
    marks.current?.focus({ preventScroll: true });
  };
  const placeOf = (event: {
    readonly clientX: number;
    readonly clientY: number;
  }): readonly [number, number] | undefined => {
    const { left, top } = marks.current!.getBoundingClientRect();
    return pointAt(frame.peek(), event.clientX - left, event.clientY - top);
  };
  const onPointer = (event: PointerEvent): void => {
    const at = placeOf(event);
    cursor.value = at === undefined ? undefined : { at, by: 'pointer' };
  };
  const onClick = (event: MouseEvent): void => {
    const at = placeOf(event);
    if (at !== undefined) choose(at);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { region } = frame.peek();
    const at = cursor.peek()?.at ?? session.view.peek().point ?? middleOf(region);
    const step = event.shiftKey ? 0.1 : 0.02;
    const way = ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] } as const)[
      event.key as 'ArrowLeft'
    ];
    if (way !== undefined) cursor.value = { at: moved(at, way[0], way[1], region), by: 'keys' };
    else if (event.key === 'Enter') {
      cursor.value = { at, by: 'keys' };
      choose(at);
    } else if (event.key === 'Escape' && session.view.peek().point !== undefined) clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (by: Cursor['by']) => (): void => {
    if (cursor.peek()?.by === by) cursor.value = undefined;
  };

  const caption = useComputed(() => captionNow({ session, run }));
  const id = `stage-${run.slot}`;
  return (
    <figure class="stage">
      <div class="stage-box" ref={box} style={height.value === 0 ? undefined : { blockSize: `${height.value}px` }}>
        <canvas class="stage-layer" ref={back} aria-hidden="true" />
        <canvas class="stage-layer" ref={dots} aria-hidden="true" style={{ opacity: alpha.value }} />
        <canvas
          class="stage-layer stage-top"
          ref={marks}
          tabIndex={0}
          role="application"
          aria-roledescription="picture"
          aria-label="No picture yet."
          aria-describedby={`${id}-keys`}
          onPointerMove={onPointer}
          onPointerDown={onPointer}
          onPointerLeave={leave('pointer')}
          onClick={onClick}
          onKeyDown={onKey}
          onBlur={leave('keys')}
        />
      </div>
      <p class="visually-hidden" id={`${id}-keys`}>
        Arrow keys move a cross-hair, with Shift further. Enter follows the point under it through the model, Escape
        lets it go.
      </p>
      <Pointed session={session} run={run} state={{ cursor, inData }} />
      {session.view.value.stage === 'warp' && <WarpSlider run={run} at={warpAt} />}
      <Followed session={session} run={run} clear={clear} />
      <figcaption>
        {caption}
        <DotLegend session={session} inData={inData.value} />
      </figcaption>
    </figure>
  );
};
