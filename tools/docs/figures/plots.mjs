// Draws figures with internal functions of @impflow/plots. These functions run Observable Plot in a document without a
// browser, and render the figure with resvg.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * @import { Markish, ScaleOptions } from '@observablehq/plot'
 * @import { LegendKey } from '../../../packages/plots/dist/render.js'
 */

const within = createRequire(new URL('../../../packages/plots/package.json', import.meta.url));

/** @type {typeof import('@observablehq/plot')} */
export const plot = await import(pathToFileURL(within.resolve('@observablehq/plot')).href);
export const { HEADER, label, legend, panel, renderFigure } = await import('../../../packages/plots/dist/render.js');
export const { CYCLE, DASHES, INK } = await import('../../../packages/plots/dist/colors.js');

/**
 * Returns a panel with a grid and a frame. `x` and `y` are scale options of Observable Plot.
 *
 * @param {{ x: ScaleOptions; y: ScaleOptions; width: number; height: number }} options
 * @param {readonly Markish[]} marks
 */
export const axes = ({ x, y, width, height }, marks) =>
  panel({
    width,
    height,
    marginLeft: 62,
    marginRight: 18,
    marginTop: 12,
    marginBottom: 42,
    clip: true,
    x: { labelAnchor: 'center', labelArrow: 'none', ...x },
    y: { labelAnchor: 'center', labelArrow: 'none', ...y },
    marks: [plot.gridX(grid(x)), plot.gridY(grid(y)), ...marks, plot.frame({ stroke: '#999' })],
  });

/**
 * Returns the options of grid lines at the ticks of the axis.
 *
 * @param {ScaleOptions} scale
 */
const grid = ({ ticks }) => ({ stroke: '#ddd', strokeOpacity: 1, ...(ticks === undefined ? {} : { ticks }) });

/**
 * Returns a figure with panels side by side under a title, a line of explanation and a legend.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.subtitle
 * @param {readonly LegendKey[]} options.keys
 * @param {readonly Element[]} options.panels
 * @param {number} options.width Width of a panel.
 * @param {number} options.height
 */
export const figure = ({ title, subtitle, keys, panels, width, height }) =>
  renderFigure({
    width: panels.length * width,
    height: HEADER.subtitle + 26 + height,
    title,
    subtitle,
    parts: [
      { element: legend(keys), x: 62, y: HEADER.subtitle + 14 },
      ...panels.map((element, i) => ({ element, x: i * width, y: HEADER.subtitle + 26 })),
    ],
  });
