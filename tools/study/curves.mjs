// Draws docs/figures/study-*.png: the loss on the validation rows against steps and against seconds.
import { axes, CYCLE, DASHES, HEADER, label, legend, plot, renderFigure } from '../docs/figures/plots.mjs';
import { grouped } from './compare.mjs';

/**
 * @import { Curve, StudyRecord } from './records.mjs'
 * @import { Source } from './sources.mjs'
 */

/** @typedef {StudyRecord & { curve: Curve }} Drawn */

const [WIDTH, HEIGHT, ABOVE] = [330, 230, 22];
/**
 * The vertical axis leaves out the first losses: it covers the losses of the last `SHARE` of the time, and a margin.
 */
const [SHARE, MARGIN] = [0.85, 0.3];

/** The pictures by file name, with the title, the kind of data and the contenders of each picture. */
export const PICTURES = {
  'study-toys': {
    title: 'Implicit flows of three blocks, residual flows of six',
    kind: 'toy',
    contenders: ['implicit-shallow', 'residual-shallow'],
  },
  'study-tables': { title: 'Flows on tables', kind: 'density', contenders: ['default', 'nsf', 'maf'] },
};

/**
 * Returns the interval of the vertical axis. The interval begins below the lowest loss. The best loss of each contender
 * and the end of at least one curve are visible; all other curves may leave the picture when the flow overfits.
 *
 * @param {readonly Curve[]} curves
 */
const domainOf = (curves) => {
  const last = Math.max(...curves.flatMap((curve) => curve.map(([, seconds]) => seconds)));
  const settled = curves.map((curve) =>
    Math.max(
      ...curve.filter(([, seconds]) => seconds >= (1 - SHARE) * last || curve.length === 1).map(([, , nats]) => nats),
    ),
  );
  const bests = curves.map((curve) => Math.min(...curve.map(([, , nats]) => nats)));
  const [low, high] = [Math.min(...bests), Math.max(...bests, Math.min(...settled))];
  return [low - 0.05 * (high - low), high + MARGIN * (high - low)];
};

/**
 * Returns two panels for one data set. All seeds of a contender have one color.
 *
 * @param {readonly [data: string, records: readonly Drawn[]]} group
 * @param {readonly string[]} contenders
 */
const panelsOf = ([data, records], contenders) => {
  const all = records.flatMap(({ curve }) => curve);
  const [low, high] = domainOf(records.map(({ curve }) => curve));
  const y = { label: 'nats', domain: [low, high], ticks: 5 };
  // The renderer fails at coordinates of millions, which an overfitted flow can reach.
  const outside = high + 10 * (high - low);
  return ['steps', 'seconds'].map((name, column) => ({
    title: column === 0 ? data : '',
    element: axes(
      {
        width: WIDTH,
        height: HEIGHT,
        x: { label: name, domain: [0, Math.max(...all.map((point) => point[column]))], ticks: 5 },
        y,
      },
      records.map(({ contender, curve }) => {
        const at = contenders.indexOf(contender);
        const points = curve.map((point) => [point[column], Math.min(point[2], outside)]);
        return points.length === 1
          ? plot.dot(points, { fill: CYCLE[at], r: 3 })
          : plot.line(points, { stroke: CYCLE[at], strokeWidth: 1.5, strokeDasharray: DASHES[at] });
      }),
    ),
  }));
};

/**
 * Returns a PNG picture with two data sets per line, or undefined if no record has a curve.
 *
 * @param {object} picture
 * @param {readonly StudyRecord[]} picture.records
 * @param {Readonly<Record<string, Source>>} picture.sources
 * @param {string} picture.kind Of the data sets.
 * @param {string} picture.title
 * @param {readonly string[]} picture.contenders
 */
export const curvesPicture = ({ records, sources, kind, title, contenders }) => {
  /** @type {readonly Drawn[]} */
  const drawn = records
    .flatMap((record) => {
      const { data, contender, curve = [] } = record;
      return sources[data]?.kind === kind && contenders.includes(contender) && curve.length > 0
        ? [{ ...record, curve }]
        : [];
    })
    .sort((a, b) => (a.contender < b.contender ? -1 : a.contender > b.contender ? 1 : a.seed - b.seed));
  if (drawn.length === 0) return undefined;
  const groups = [...grouped(drawn, ({ data }) => data)].sort(
    ([a], [b]) => Object.keys(sources).indexOf(a) - Object.keys(sources).indexOf(b),
  );
  const panels = groups.flatMap((group) => panelsOf(group, contenders));
  const top = HEADER.subtitle + 26;
  const perLine = 4;
  return renderFigure({
    width: perLine * WIDTH,
    height: top + Math.ceil(panels.length / perLine) * (HEIGHT + ABOVE),
    title,
    subtitle: 'Loss on the validation rows; a line for each seed, a dot where a single validation came before the end',
    parts: [
      {
        element: legend(contenders.map((name, i) => ({ name, color: CYCLE[i], mark: 'line', dash: DASHES[i] }))),
        x: 62,
        y: HEADER.subtitle + 14,
      },
      ...panels.flatMap(({ title: name, element }, i) => {
        const [x, y] = [(i % perLine) * WIDTH, top + Math.floor(i / perLine) * (HEIGHT + ABOVE)];
        return [
          { element: label(name, { bold: true }), x: x + 62, y: y + 16 },
          { element, x, y: y + ABOVE },
        ];
      }),
    ],
  });
};
