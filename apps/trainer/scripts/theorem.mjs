// Makes the picture and the numbers of docs/theorem.md: `node apps/trainer/scripts/theorem.mjs [steps]` after `npm run
// setup`. Trains one implicit and one residual block as packages/flows/test/slow/theorem.test.ts does, but for longer
// (about a minute).
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wasm } from '@impflow/backend-wasm';
import { linesPlot } from '@impflow/plots';
import { runnerImport } from 'vite';

const STEPS = Number(process.argv[2] ?? 2000);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}docs/figures/`;

await wasm().start();
// The experiment is part of a test in TypeScript. Node 20 cannot load TypeScript, so Vite loads it.
/** @type {{ module: typeof import('../../../packages/flows/test/theorem.ts') }} */
const { module } = await runnerImport(`${root}packages/flows/test/theorem.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
const { fitted, grid, lowerBound, slope, target, COEFF, INTERVAL, RESIDUAL_LIPSCHITZ } = module;

const blocks = { implicit: await fitted('implicit', STEPS), residual: await fitted('residual', STEPS) };
const bound = lowerBound(RESIDUAL_LIPSCHITZ);
const x = grid(801);
const goal = x.map(target);
/**
 * @param {string} name
 * @param {ArrayLike<number>} y
 */
const curve = (name, y) => ({ name, x, y });
/**
 * @param {string} name
 * @param {import('../../../packages/flows/test/theorem.ts').Fitted} fitted
 */
const error = (name, { at }) =>
  curve(
    name,
    Array.from(at(x), (y, i) => y - goal[i]),
  );

const names = { implicit: 'implicit block', residual: 'residual block' };
const picture = linesPlot({
  title: 'One block on a map with slopes from 0.1 to 10',
  subtitle:
    `Largest error: implicit ${blocks.implicit.maxError.toFixed(3)}, residual ` +
    `${blocks.residual.maxError.toFixed(2)}; no residual block gets below ${bound.toFixed(2)}`,
  xLabel: 'x',
  yLabel: 'f(x)',
  curves: [
    curve('target', goal),
    curve(names.implicit, Array.from(blocks.implicit.at(x))),
    curve(names.residual, Array.from(blocks.residual.at(x))),
  ],
  residual: {
    label: 'error',
    curves: [error(names.implicit, blocks.implicit), error(names.residual, blocks.residual)],
  },
});

const slopes = grid(4001).map(slope);
const summary = {
  interval: INTERVAL,
  slopes: [Math.min(...slopes), Math.max(...slopes)],
  coeff: COEFF,
  steps: STEPS,
  implicit: numbers(blocks.implicit),
  residual: numbers(blocks.residual),
  residualLipschitz: RESIDUAL_LIPSCHITZ,
  residualLowerBound: bound,
  lowerBoundOfLipschitzTwo: lowerBound(2),
};
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}theorem.png`, picture);
writeFileSync(`${folder}theorem.json`, `${JSON.stringify(summary, null, 2)}\n`);
console.log(JSON.stringify(summary, null, 2));

/** @param {import('../../../packages/flows/test/theorem.ts').Fitted} fitted */
function numbers({ parameters, width, maxError, rms }) {
  return { parameters, width, maxError, rms };
}
