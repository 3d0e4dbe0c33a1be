// Draws the slopes that a block of each kind can have in one dimension. Lines show the formulas. Dots show measured
// slopes of blocks whose linear nets have the largest allowed slope.
import { core, flows, lipschitz, tf } from '../../bench/library.mjs';
import { CYCLE, DASHES, axes, figure, plot } from './plots.mjs';

/** @import { Bijector, Contraction } from '@impflow/core' */

/** @typedef {(L: number, sign: number) => Contraction} Nets */

/**
 * A kind of block. `range` returns its range of slopes; `block` returns a block with the least or the greatest slope.
 *
 * @typedef {object} Kind
 * @property {string} name
 * @property {(L: number) => readonly [number, number]} range
 * @property {(net: Nets, L: number, sign: number) => Bijector} block
 */

/** @type {readonly Kind[]} */
const KINDS = [
  {
    name: 'residual: 1 - L, 1 + L',
    range: (L) => [1 - L, 1 + L],
    block: (net, L, sign) => flows.residualBlock({ g: net(L, sign) }),
  },
  {
    name: 'implicit: (1 - L) / (1 + L) and its inverse',
    range: (L) => [(1 - L) / (1 + L), (1 + L) / (1 - L)],
    block: (net, L, sign) => flows.implicitBlock({ gx: net(L, sign), gz: net(L, -sign) }),
  },
  {
    name: 'monotone: the same, with one net',
    range: (L) => [(1 - L) / (1 + L), (1 + L) / (1 - L)],
    block: (net, L, sign) => flows.monotoneBlock({ g: net(L, -sign) }),
  },
];
const BOUNDS = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95];

/**
 * Returns the net `x -> sign L x`: a layer of the library with weight 2, capped to `L`.
 *
 * @type {Nets}
 */
const linear = (L, sign) => {
  const net = lipschitz.mlp({ dim: 1, hidden: [], coeff: L, key: core.key(1) });
  core.scoped(() => {
    net.parameters['layers.0.weight'].assign(tf.tensor2d([[2 * sign]]));
  });
  net.refresh();
  return net;
};

/**
 * Returns the slope of a block by a finite difference of `forward`, which is linear here.
 *
 * @param {Bijector} block
 */
const slopeOf = (block) =>
  core.scoped(() => {
    const [low, high] = block.forward(tf.tensor2d([[-0.5], [0.5]]), { key: core.key(0) }).dataSync();
    return high - low;
  });

export const slopes = () => {
  const lines = Array.from({ length: 96 }, (_, i) => i / 100);
  return figure({
    title: 'Slopes that one block can have',
    subtitle:
      'By the bound L of its nets. Lines: the formulas. Dots: blocks whose nets are linear with slopes L and -L, measured',
    keys: KINDS.map(({ name }, i) => ({ name, color: CYCLE[i], mark: 'line', dash: DASHES[i] })),
    panels: [
      axes(
        {
          width: 820,
          height: 400,
          x: { label: 'L', domain: [0, 1] },
          y: {
            label: 'slope',
            type: 'log',
            base: 2,
            domain: [1 / 64, 64],
            ticks: [1 / 32, 1 / 8, 1 / 2, 1, 2, 8, 32],
            tickFormat: (slope) => (slope < 1 ? `1/${1 / slope}` : `${slope}`),
          },
        },
        KINDS.flatMap(({ range, block }, i) => [
          ...[0, 1].map((end) =>
            plot.line(
              lines.map((L) => [L, range(L)[end]]),
              { stroke: CYCLE[i], strokeWidth: 2, strokeDasharray: DASHES[i] },
            ),
          ),
          plot.dot(
            BOUNDS.flatMap((L) => [1, -1].map((sign) => [L, slopeOf(block(linear, L, sign))])),
            { stroke: CYCLE[i], r: 3 + 2 * i },
          ),
        ]),
      ),
    ],
    width: 820,
    height: 400,
  });
};
