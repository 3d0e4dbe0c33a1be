// Draws estimates of a log-determinant around the exact value, against the number of products with the Jacobian. A
// series is biased, and roulettes have variance.
import { core, tf } from '../../bench/library.mjs';
import { steepNet } from '../../bench/steep-net.mjs';
import { statistics } from '../measure/estimators.mjs';
import { exactLogDets } from '../measure/exact.mjs';
import { INK, axes, figure, plot } from './plots.mjs';

const { powerSeries, russianRoulette } = await import('../../../packages/logdet/dist/index.js');
const [DIM, SLOPE, KEYS] = [2, 0.9, 600];
const TERMS = [2, 4, 8, 16];

export const spread = () => {
  const g = steepNet(DIM, SLOPE);
  const x = core.drawNormal(core.key(6), [1, DIM]);
  const truth = exactLogDets(g, x);
  /**
   * @param {string} name
   * @param {string} color
   * @param {number} shift
   * @param {(terms: number) => import('@impflow/core').LogDetEstimator} create
   */
  const measured = (name, color, shift, create) =>
    TERMS.map((terms) => {
      const found = statistics(create(terms), g, x, truth, KEYS);
      if ('refused' in found) throw new Error(found.refused);
      const { bias, deviation, standardError, products } = found;
      return { name, color, terms, at: products * shift, bias, deviation, standardError };
    });
  const points = [
    ...measured('series of 2, 4, 8, 16 terms', INK.blue, 1, (terms) => powerSeries({ terms })),
    ...measured('geometric roulette after 2, 4, 8, 16 certain terms', INK.vermilion, 1, (exactTerms) =>
      russianRoulette({ exactTerms }),
    ),
    ...measured('Poisson roulette', INK.green, 1.03, (exactTerms) =>
      russianRoulette({ distribution: 'poisson', exactTerms }),
    ),
  ];
  tf.dispose(x);
  const most = 1.1 * Math.max(...points.map(({ bias, deviation }) => Math.abs(bias) + deviation));
  return figure({
    title: 'Estimates of log det(I + J) around the exact value',
    subtitle: `${DIM} dimensions, Lip(g) = ${SLOPE}, exact ${truth[0].toFixed(2)} nats. Mean and standard deviation of ${KEYS} estimates, one probe each`,
    keys: [...new Map(points.map(({ name, color }) => [name, color]))].map(([name, color]) => ({
      name,
      color,
      mark: 'dot',
    })),
    panels: [
      axes(
        {
          width: 820,
          height: 380,
          x: {
            label: 'products with the Jacobian',
            type: 'log',
            domain: [1.5, 24],
            ticks: [2, 4, 8, 16],
            tickFormat: (count) => `${count}`,
          },
          y: { label: 'estimate - exact, nats', domain: [-most, most] },
        },
        [
          plot.ruleY([0], { stroke: '#666' }),
          plot.ruleX(points, {
            x: 'at',
            y1: ({ bias, deviation }) => bias - deviation,
            y2: ({ bias, deviation }) => bias + deviation,
            stroke: 'color',
            strokeWidth: 2,
          }),
          plot.dot(points, { x: 'at', y: 'bias', fill: 'color', r: 4 }),
        ],
      ),
    ],
    width: 820,
    height: 380,
  });
};
