// Draws the fixed-point iteration of one block in one dimension, as a path between the curve of the map and the
// diagonal.
import { core, tf } from '../../bench/library.mjs';
import { steepNet } from '../../bench/steep-net.mjs';
import { INK, axes, figure, plot } from './plots.mjs';

const L = 0.9;
const H = 0.02;
const START = 0.27;
const STEPS = 40;
const [LOW, HIGH] = [-0.3, 0.3];

export const cobweb = () => {
  const g = steepNet(1, L);
  core.scoped(() => {
    g.parameters['layers.0.bias'].assign(tf.zeros([1]));
  });
  /** @param {ArrayLike<number>} z */
  const at = (z) => core.scoped(() => g.apply(tf.tensor2d(Float32Array.from(z), [z.length, 1])).dataSync());
  const z = Float32Array.from({ length: 401 }, (_, i) => LOW + ((HIGH - LOW) * i) / 400);
  // The sign of the slope of g differs from net to net. The figure has one panel for each sign.
  const rising = Math.sign(at([0.05])[0]);
  /**
   * @param {1 | -1} sign
   * @param {string} name
   */
  const panelOf = (sign, name) => {
    const values = Float32Array.from(at(z), (value) => H - sign * rising * value);
    const path = [START];
    for (let step = 0; step < STEPS; step++) path.push(H - sign * rising * at([path[step]])[0]);
    const way = path.flatMap((point, i) =>
      i === 0
        ? [[point, LOW]]
        : [
            [path[i - 1], point],
            [point, point],
          ],
    );
    return axes(
      {
        width: 400,
        height: 380,
        x: { label: name, domain: [LOW, HIGH] },
        y: { label: 'next iterate', domain: [LOW, HIGH] },
      },
      [
        plot.line(
          [
            [LOW, LOW],
            [HIGH, HIGH],
          ],
          { stroke: INK.gray },
        ),
        plot.line(
          Array.from(z, (x, i) => [x, values[i]]),
          { stroke: INK.blue, strokeWidth: 2 },
        ),
        plot.line(way, { stroke: INK.vermilion, strokeWidth: 1.2 }),
        plot.dot([[path[STEPS], path[STEPS]]], { fill: INK.black, r: 3.5 }),
      ],
    );
  };
  return figure({
    title: 'Fixed-point iteration of one block',
    subtitle: `z <- h - g(z) from z = ${START}, with Lip(g) = ${L}: ${STEPS} steps where g rises (left) and where it falls (right)`,
    keys: [
      { name: 'h - g(z)', color: INK.blue, mark: 'line' },
      { name: 'iterates', color: INK.vermilion, mark: 'line' },
      { name: 'root', color: INK.black, mark: 'dot' },
    ],
    panels: [panelOf(1, 'iterate z, g rising'), panelOf(-1, 'iterate z, g falling')],
    width: 400,
    height: 380,
  });
};
