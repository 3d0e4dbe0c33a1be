import { intervalsPanel, levelsHeight, levelsPanel } from './levels.ts';
import { numberPanel } from './marginals.ts';
import type { Block } from './matrix.ts';
import type { LevelColumn, Ranged } from './plot-column.ts';
import type { Part } from './render.ts';

/** A panel: the histogram of numbers, the numbers by category, or the shares of categories. */
export type Other = LevelColumn | Ranged | (Ranged & { readonly by: LevelColumn });

const LEAST_WIDTH = 200;
const HEIGHT = { one: 270, several: 150 } as const;
const BOTTOM = 42;
const LEFT = 14;

/** Draws panels in lines from left to right. */
export const othersBlock = (panels: readonly Other[], width: number): Block => {
  const across = Math.min(Math.floor(width / LEAST_WIDTH), Math.max(1, panels.length));
  const high = panels.length === 1 ? HEIGHT.one : HEIGHT.several;
  const size = { width: Math.floor((width - 6) / across), left: LEFT, bottom: BOTTOM };
  const parts: Part[] = [];
  let y = 0;
  for (let first = 0; first < panels.length; first += across) {
    const line = panels.slice(first, first + across);
    const height = Math.max(...line.map((each) => heightOf(each, high)));
    line.forEach((each, i) => parts.push({ element: draw(each, { ...size, height }), x: i * size.width, y }));
    y += height + 6;
  }
  return { width, height: y, parts };
};

const heightOf = (panel: Other, high: number): number =>
  'by' in panel ? levelsHeight(panel.by, BOTTOM) : 'domain' in panel ? high : levelsHeight(panel, BOTTOM);

const draw = (
  panel: Other,
  size: { readonly width: number; readonly height: number; readonly left: number; readonly bottom: number },
): Element => {
  if ('by' in panel) return intervalsPanel(panel.by, panel, size);
  return 'domain' in panel ? numberPanel(panel.column, panel.domain, size) : levelsPanel(panel, size);
};
