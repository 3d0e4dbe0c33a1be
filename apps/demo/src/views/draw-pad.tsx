import { useComputed, useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { count, format } from '../axes.ts';
import type { Session } from '../state/session-types.ts';
import { wording } from '../state/wording.ts';
import { fontOf, useLayer } from './canvas.ts';
import {
  along,
  begun,
  changed,
  erased,
  LEAST,
  PAD,
  puffed,
  scatter,
  undone,
  type Drawing,
  type Points,
} from './drawing.ts';
import { moved, pointAt, toX, toY, type Frame } from './frame.ts';
import { useWidth } from './hooks.ts';
import { useTheme, type Theme } from './theme.ts';

interface DrawPadProps {
  readonly session: Session;
  readonly close: () => void;
  /** The drawn points. The drawing is kept when the pad is closed. */
  readonly drawing: Signal<Drawing>;
}

/**
 * `PER_PLACE` is the number of points that are drawn at each position of a stroke. `APART` is the distance between two
 * positions of a stroke. `PER_KEY` is the number of points that a key press draws.
 */
const PER_PLACE = 2;
const APART = 0.06;
const PER_KEY = 25;

/** A square on which the visitor draws points with a mouse, a finger, a pen or keys. The points become the data. */
export const DrawPad = ({ session, close, drawing }: DrawPadProps): JSX.Element => {
  const box = useRef<HTMLDivElement | null>(null);
  const width = useWidth(box);
  const theme = useTheme();
  const spread = useSignal(0.12);
  const tool = useSignal<'brush' | 'eraser'>('brush');
  const crossHair = useSignal<readonly [number, number] | undefined>(undefined);
  const random = useRef(scatter(1)).current;
  const pen = useRef<readonly [number, number] | undefined>(undefined);

  const frame = useComputed((): Frame => ({
    size: width.value,
    full: width.value,
    left: 0,
    top: 0,
    side: width.value,
    down: width.value,
    region: PAD,
  }));
  const canvas = useLayer(
    useComputed(() => ({
      size: width.value,
      frame: frame.value,
      points: drawing.value.points,
      crossHair: crossHair.value,
      theme: theme.value,
    })),
    drawPad,
  );

  const apply = (places: readonly (readonly [number, number])[], each: number): void => {
    let { points } = drawing.peek();
    for (const place of places)
      points =
        tool.peek() === 'brush'
          ? puffed(points, place, spread.peek(), each, random)
          : erased(points, place, Math.max(0.1, 2 * spread.peek()));
    drawing.value = changed(drawing.peek(), points);
  };
  const placeOf = (event: PointerEvent): readonly [number, number] | undefined => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    return pointAt(frame.peek(), event.clientX - left, event.clientY - top);
  };
  const down = (event: PointerEvent): void => {
    const place = placeOf(event);
    if (place === undefined || event.button !== 0) return;
    canvas.current!.setPointerCapture(event.pointerId);
    crossHair.value = undefined;
    drawing.value = begun(drawing.peek());
    pen.current = place;
    apply([place], PER_PLACE);
  };
  const move = (event: PointerEvent): void => {
    if (pen.current === undefined) return;
    const place = placeOf(event);
    if (place === undefined) return;
    apply(along(pen.current, place, APART), PER_PLACE);
    pen.current = place;
  };
  const up = (): void => {
    pen.current = undefined;
  };
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = crossHair.peek() ?? [0, 0];
    const step = event.shiftKey ? 0.1 : 0.025;
    const way = ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] } as const)[
      event.key as 'ArrowLeft'
    ];
    if (way !== undefined) crossHair.value = moved(at, way[0], way[1], PAD);
    else if (event.key === 'Enter' || event.key === ' ') {
      crossHair.value = at;
      drawing.value = begun(drawing.peek());
      apply([at], PER_KEY);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const use = (): void => {
    // The dialog stays open until the session has accepted the data, so that the visitor can add points.
    session
      .useDrawn(Float32Array.from(drawing.peek().points))
      .then(close, (error: unknown) => session.notify('error', wording(error)));
  };

  const number = useComputed(() => drawing.value.points.length / 2);
  const enough = number.value >= LEAST;
  const choice = (name: 'brush' | 'eraser', label: string): JSX.Element => (
    <button
      type="button"
      aria-pressed={tool.value === name}
      onClick={() => {
        tool.value = name;
      }}
    >
      {label}
    </button>
  );
  return (
    <div class="draw-pad">
      <div class="draw-box" ref={box}>
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="drawing pad"
          aria-label={`Drawing pad from −4 to 4, ${count(number.value)} points`}
          aria-describedby="draw-keys"
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={up}
          onKeyDown={key}
          onBlur={() => {
            crossHair.value = undefined;
          }}
        />
      </div>
      <p id="draw-keys">
        Draw with mouse, finger or pen. With keys: arrows move a cross-hair, Shift makes them go further, Enter or space
        uses the tool there.
      </p>
      <div class="draw-tools" role="group" aria-label="Tools">
        {choice('brush', 'Brush')}
        {choice('eraser', 'Eraser')}
        <button
          type="button"
          disabled={drawing.value.past.length === 0}
          onClick={() => {
            drawing.value = undone(drawing.peek());
          }}
        >
          Undo
        </button>
        <button
          type="button"
          disabled={number.value === 0}
          onClick={() => {
            drawing.value = changed(begun(drawing.peek()), []);
          }}
        >
          Clear
        </button>
        <label>
          Spread{' '}
          <input
            type="range"
            min={0.02}
            max={0.6}
            step={0.02}
            value={spread.value}
            onInput={(event) => {
              spread.value = Number(event.currentTarget.value);
            }}
          />{' '}
          {format(spread.value, 2)}
        </label>
      </div>
      <div class="draw-end">
        <output>
          {count(number.value)} points{enough ? '' : `; at least ${LEAST} are needed`}
          {crossHair.value === undefined
            ? ''
            : `, cross-hair at ${format(crossHair.value[0], 2)}, ${format(crossHair.value[1], 2)}`}
        </output>
        <button type="button" class="primary" disabled={!enough} onClick={use}>
          Use these points
        </button>
      </div>
    </div>
  );
};

interface Pad {
  readonly size: number;
  readonly frame: Frame;
  readonly points: Points;
  readonly crossHair: readonly [number, number] | undefined;
  readonly theme: Theme;
}

const drawPad = (context: CanvasRenderingContext2D, { size, frame, points, crossHair, theme }: Pad): void => {
  context.fillStyle = theme.panel;
  context.fillRect(0, 0, size, size);
  context.font = fontOf(11);
  context.lineWidth = 1;
  for (let at = -3; at <= 3; at++) {
    context.strokeStyle = at === 0 ? theme.inkSoft : theme.line;
    const [x, y] = [Math.round(toX(frame, at)) + 0.5, Math.round(toY(frame, at)) + 0.5];
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, size);
    context.moveTo(0, y);
    context.lineTo(size, y);
    context.stroke();
    if (at === 0) continue;
    context.fillStyle = theme.inkSoft;
    context.fillText(format(at, 1), x + 3, toY(frame, 0) + 13);
    context.fillText(format(at, 1), toX(frame, 0) + 4, y - 3);
  }
  context.fillStyle = theme.curves[0];
  for (let i = 0; i < points.length; i += 2)
    context.fillRect(toX(frame, points[i]!) - 1.25, toY(frame, points[i + 1]!) - 1.25, 2.5, 2.5);
  if (crossHair === undefined) return;
  context.strokeStyle = theme.curves[1];
  context.lineWidth = 1.5;
  const [x, y] = [toX(frame, crossHair[0]), toY(frame, crossHair[1])];
  context.beginPath();
  context.moveTo(x - 14, y);
  context.lineTo(x + 14, y);
  context.moveTo(x, y - 14);
  context.lineTo(x, y + 14);
  context.stroke();
};
