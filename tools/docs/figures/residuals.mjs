// Draws the residual of the equation of one block after each step of each solver. The net has 8 dimensions and slope
// 0.9, which is one of the cases that tools/docs/measure/solvers.mjs measures.
import { core, tf } from '../../bench/library.mjs';
import { median } from '../../bench/statistics.mjs';
import { steepNet } from '../../bench/steep-net.mjs';
import { mapOf } from '../measure/solvers.mjs';
import { CYCLE, DASHES, axes, figure, plot } from './plots.mjs';

const { solve, solvers, withObserver } = await import('../../../packages/solvers/dist/index.js');
const DECADES = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1];
const [DIM, SLOPE, ROWS, MOST] = [8, 0.9, 200, 60];

export const residuals = () => {
  const g = steepNet(DIM, SLOPE);
  const h = core.drawNormal(core.key(5), [ROWS, DIM]);
  const map = mapOf(g, h);
  const curves = solvers.names.map((name) => {
    /** @type {number[]} */
    const medians = [];
    const watched = withObserver(
      solvers.create({ name }),
      ({ residual }) => {
        medians.push(median(residual.dataSync()));
      },
      { atol: 1e-7, rtol: 1e-7 },
    );
    core
      .offTape(() =>
        solve(map, h, {
          solver: watched,
          problem: 'fixed-point',
          maxSteps: MOST,
          atol: 1e-7,
          rtol: 1e-7,
          checkEvery: 1,
        }),
      )
      .value.dispose();
    return { name, points: medians.map((residual, step) => [step, Math.max(residual, 1e-8)]) };
  });
  tf.dispose(h);
  return figure({
    title: 'Residual of one block, step by step',
    subtitle: `Median over ${ROWS} rows of |z + g(z) - h| at the best iterate so far; ${DIM} dimensions, Lip(g) = ${SLOPE}`,
    keys: curves.map(({ name }, i) => ({ name, color: CYCLE[i], mark: 'line', dash: DASHES[i] })),
    panels: [
      axes(
        {
          width: 720,
          height: 380,
          x: { label: 'step', domain: [0, MOST] },
          y: {
            label: 'residual',
            type: 'log',
            domain: [1e-7, 1],
            ticks: DECADES,
            tickFormat: (residual) => (residual === 1 ? '1' : residual.toExponential()),
          },
        },
        curves.map(({ points }, i) =>
          plot.line(
            points.filter(([, residual]) => residual >= 1e-7),
            { stroke: CYCLE[i], strokeWidth: 2, strokeDasharray: DASHES[i] },
          ),
        ),
      ),
    ],
    width: 720,
    height: 380,
  });
};
