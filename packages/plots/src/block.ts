import type { Part } from './render.ts';
import type { Overhang } from './ticks.ts';

/** Drawings below each other. The coordinates of the parts begin at the top left corner of the block. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly Part[];
}

/** Positions of the panels: the columns of the matrix above, or columns that fill the width. */
export interface Columns {
  /** Left edge of the frame of the first panel. */
  readonly left: number;
  /** Distance of neighboring columns. */
  readonly pitch: number;
  /** Width of a frame. */
  readonly frame: number;
  readonly count: number;
  /** How far tick labels may extend beyond the ends of an axis. */
  readonly overhang: Overhang;
}
