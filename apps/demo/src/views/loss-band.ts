import type uPlot from 'uplot';
import type { Theme } from './theme.ts';

/** Opacity of the band. The curves, which are drawn first, stay readable under it. */
const FAINT = 0.12;

/** Draws a faint vertical band over the interval `[from, to]` of the horizontal axis, at least two pixels wide. */
export const drawBand = (u: uPlot, [from, to]: readonly [number, number], theme: Theme): void => {
  const { ctx, bbox } = u;
  const [left, right] = [u.valToPos(from, 'x', true), u.valToPos(to, 'x', true)];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.globalAlpha = FAINT;
  ctx.fillStyle = theme.ink;
  ctx.fillRect(left, bbox.top, Math.max(2 * devicePixelRatio, right - left), bbox.height);
  ctx.restore();
};
