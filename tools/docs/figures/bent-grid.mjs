// Draws a flow trained on two moons as a map: a regular grid in the base space, and its image in data space.
import { core, data, flows, tf, training } from '../../bench/library.mjs';
import { INK, axes, figure, plot } from './plots.mjs';

const STEPS = 400;
const BATCH = 250;
const LINES = Array.from({ length: 11 }, (_, i) => -2.5 + 0.5 * i);
const ALONG = Array.from({ length: 201 }, (_, i) => -2.5 + i / 40);

export const bentGrid = async () => {
  const moons = data.toy('moons');
  const flow = flows.buildFlow(flows.toyPreset({ blocks: 4, hidden: [64, 64] }), { key: core.key(0) });
  await training.fitToEnd({
    model: flow,
    optimizer: training.adam(),
    learningRate: 8e-3,
    schedule: training.cosine({ steps: STEPS }),
    steps: STEPS,
    key: core.key(1),
    batch: (_step, key) => tf.tensor2d(moons.sample(key, BATCH), [BATCH, 2]),
    loss: (x, key) => tf.neg(tf.mean(flow.logProb(x, { train: true, key }))),
  });
  const rows = moons.sample(core.key(2), 800);
  /** @param {ArrayLike<number>} values */
  const pairs = (values) => Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
  const straight = LINES.flatMap((at) => [ALONG.map((along) => [at, along]), ALONG.map((along) => [along, at])]);
  /**
   * @param {'encode' | 'decode'} method
   * @param {readonly number[][]} points
   */
  const moved = (method, points) =>
    pairs(core.scoped(() => flow[method](tf.tensor2d(points.flat(), [points.length, 2])).dataSync()));
  const encoded = moved('encode', pairs(rows));
  const bent = straight.map((line) => moved('decode', line));
  /**
   * @param {readonly number[][][]} lines
   * @param {number[][]} points
   */
  const drawn = (lines, points) => [
    ...lines.map((line) => plot.line(line, { stroke: INK.blue, strokeWidth: 0.9 })),
    plot.dot(points, { fill: INK.vermilion, r: 1.5, fillOpacity: 0.7 }),
  ];
  const size = { width: 410, height: 390 };
  return figure({
    title: 'A trained flow bends the plane',
    subtitle: `4 implicit blocks of 64-64, ${STEPS} steps on two moons: a grid of the base, and the same lines decoded`,
    keys: [
      { name: 'grid', color: INK.blue, mark: 'line' },
      { name: 'held-out data', color: INK.vermilion, mark: 'dot' },
    ],
    panels: [
      axes(
        {
          ...size,
          x: { label: 'z1 (base: standard normal)', domain: [-3.2, 3.2] },
          y: { label: 'z2', domain: [-3.2, 3.2] },
        },
        drawn(straight, encoded),
      ),
      axes(
        { ...size, x: { label: 'x1 (data)', domain: [-5, 5] }, y: { label: 'x2', domain: [-4, 4] } },
        drawn(bent, pairs(rows)),
      ),
    ],
    ...size,
  });
};
