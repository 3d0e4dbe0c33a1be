import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { DataView } from '../protocol/data.ts';
import { stillness } from './hooks.ts';

// The dots of a toy density until its rows are loaded. They fly from a round cloud to their places, so that the first
// picture moves before any worker has started.

const FLIGHT_MS = 1400;
/** Half of the side of the region that a thumbnail of a toy density shows. */
const HALF = 4.2;

const dots = signal<Float32Array | undefined>(undefined);

/** The dots `[n, 2]` that are drawn in place of the data. Undefined as soon as the data are loaded and no dot moves. */
export const earlyDots: ReadonlySignal<Float32Array | undefined> = dots;

/** Shows the dots of a toy density until `data` has rows. `thumbnail` contains a byte per coordinate, as base64. */
export const startEarlyDots = (thumbnail: string, data: ReadonlySignal<DataView | undefined>): void => {
  const places = Float32Array.from(atob(thumbnail), (letter, i) => {
    const share = (2 * letter.codePointAt(0)!) / 255 - 1;
    return i % 2 === 0 ? HALF * share : -HALF * share;
  });
  const landed = signal(stillness());
  const start = performance.now();
  const move = (now: number): void => {
    const t = Math.max(0, Math.min(1, (now - start) / FLIGHT_MS));
    dots.value = flying(places, t * t * (3 - 2 * t));
    if (t < 1) requestAnimationFrame(move);
    else landed.value = true;
  };
  if (landed.value) dots.value = places;
  else move(start);
  const end = effect(() => {
    if (!landed.value || data.value === undefined) return;
    dots.value = undefined;
    // An effect cannot end itself while it runs for the first time.
    queueMicrotask(() => end());
  });
};

/**
 * Returns the dots at a share of their way. Each dot starts in a round cloud, in the direction of its place, so that
 * neighbors stay neighbors.
 */
const flying = (places: Float32Array, share: number): Float32Array => {
  const n = places.length / 2;
  const now = new Float32Array(places.length);
  for (let i = 0; i < n; i++) {
    const [x, y] = [places[2 * i]!, places[2 * i + 1]!];
    const shrink = Math.sqrt(-2 * Math.log(1 - (i + 0.5) / n)) / (Math.hypot(x, y) || 1);
    const factor = shrink + share * (1 - shrink);
    now[2 * i] = factor * x;
    now[2 * i + 1] = factor * y;
  }
  return now;
};
