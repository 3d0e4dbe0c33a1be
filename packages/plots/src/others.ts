import type { Block, Columns } from './block.ts';
import { intervalsPanel, levelsHeight, levelsPanel } from './levels.ts';
import { EDGE, numberPanel, type PanelSize } from './marginals.ts';
import type { LevelColumn, Ranged } from './plot-column.ts';
import type { Part } from './render.ts';
import type { Overhang } from './ticks.ts';

/** A panel: the histogram of numbers, the numbers by category, or the shares of categories. */
export type Other = LevelColumn | Ranged | (Ranged & { readonly by: LevelColumn });

const LEAST_WIDTH = 200;
const HEIGHT = { one: 270, several: 150 } as const;
const BOTTOM = 42;
/** Room at the left of a frame, for tick labels. */
const LEFT = 14;

/** Returns columns that fill the width. */
export const evenColumns = (width: number, panels: number): Columns => {
  const count = Math.min(Math.floor(width / LEAST_WIDTH), Math.max(1, panels));
  const pitch = Math.floor((width - 6) / count);
  return { left: LEFT, pitch, frame: pitch - LEFT - EDGE, count, overhang: EDGE };
};

/** Draws panels in lines from left to right. */
export const othersBlock = (panels: readonly Other[], { left, pitch, frame, count, overhang }: Columns): Block => {
  const high = panels.length === 1 ? HEIGHT.one : HEIGHT.several;
  const size = { width: LEFT + frame + EDGE, left: LEFT, bottom: BOTTOM, overhang };
  const parts: Part[] = [];
  let y = 0;
  for (let first = 0; first < panels.length; first += count) {
    const line = panels.slice(first, first + count);
    const height = Math.max(...line.map((each) => heightOf(each, high)));
    line.forEach((each, i) => parts.push({ element: draw(each, { ...size, height }), x: left - LEFT + i * pitch, y }));
    y += height + 6;
  }
  return { width: left - LEFT + count * pitch, height: y, parts };
};

const heightOf = (panel: Other, high: number): number =>
  'by' in panel ? levelsHeight(panel.by, BOTTOM) : 'domain' in panel ? high : levelsHeight(panel, BOTTOM);

const draw = (panel: Other, size: PanelSize & { readonly overhang: Overhang }): Element => {
  if ('by' in panel) return intervalsPanel(panel.by, panel, size);
  return 'domain' in panel ? numberPanel(panel.column, panel.domain, size) : levelsPanel(panel, size);
};
