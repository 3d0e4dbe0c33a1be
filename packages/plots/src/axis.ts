import type { ScaleOptions } from '@observablehq/plot';
import type { DateUnit } from './date-ticks.ts';
import type { Domain } from './domain.ts';
import type { Ranged } from './plot-column.ts';
import { abbreviated, textWidth } from './text.ts';
import { TICK_SIZE, ticksOf, type Overhang, type TickOptions } from './ticks.ts';

/** A side of a panel. */
export interface Side {
  readonly name: string;
  readonly domain: Domain;
  readonly date?: DateUnit | undefined;
  /** Whether ticks are whole numbers. Default false. */
  readonly whole?: boolean;
}

export const sideOf = ({ column: { name, date }, domain }: Ranged): Side => ({ name, date, domain });

/**
 * Returns the scale of a horizontal axis of the given length, with ticks that do not overlap and a label that fits. Tick
 * labels extend at most `overhang` beyond the ends of the axis.
 */
export const acrossAxis = (side: Side, length: number, overhang: Overhang): ScaleOptions =>
  axisOf(side, length, { across: true, overhang });

/** Returns the scale of a vertical axis, as {@link acrossAxis} does. */
export const upAxis = (side: Side, length: number, overhang: number): ScaleOptions =>
  axisOf(side, length, { across: false, overhang });

const axisOf = (
  { name, domain, date, whole = false }: Side,
  length: number,
  placing: Pick<TickOptions, 'across' | 'overhang'>,
): ScaleOptions => {
  const ticks = ticksOf(domain, { length, date, whole, ...placing });
  const texts = new Map(ticks.map(({ at, text }) => [at, text]));
  return {
    domain,
    label: abbreviated(name, length),
    labelAnchor: 'center',
    labelArrow: 'none',
    ticks: ticks.map(({ at }) => at),
    tickFormat: (at: number) => texts.get(at) ?? '',
  };
};

/** Returns the room that a vertical axis needs for its label and its tick labels. */
export const roomUp = (sides: readonly Side[], length: number): number =>
  30 +
  Math.max(
    18,
    ...sides.flatMap(({ domain, date }) =>
      ticksOf(domain, { length, date, across: false, overhang: 0 }).map(({ text }) => textWidth(text, TICK_SIZE)),
    ),
  );
