// `node tools/bench/blocks.mjs`: compares monotone, residual and implicit blocks on toy densities. All flows of a
// comparison have equal numbers of parameters. The program takes some minutes and needs compiled packages. --quick:
// fewer steps; --write: writes the table into docs/blocks.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { core, data, flows, tf, training, wasm } from './library.mjs';
import { machine, versions } from './machine.mjs';
import { median } from './statistics.mjs';

/** @import { Key } from '@impflow/core' */
/** @import { FlowSpec } from '@impflow/flows' */
/** @import { FitResult, FitStep } from '@impflow/training' */

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const { fold, key, scoped, sizeOf } = core;
const { buildFlow, toyPreset } = flows;
const { toy } = data;
const { adam, cosine, fit } = training;
const { mean, neg, tensor2d } = tf;
const PAGE = new URL('../../docs/blocks.md', import.meta.url);
const STEPS = values.quick ? 60 : 1000;
const SEEDS = values.quick ? [1] : [1, 2, 3];
const [BATCH, HELD_OUT] = [256, 10_000];

// Returns the specs of three flows with `nets` nets each. The preset makes two monotone or residual blocks in place of
// each implicit block.
/** @param {number} nets */
const models = (nets) => ({
  monotone: toyPreset({ model: 'monotone', blocks: nets / 2, hidden: [64, 64] }),
  residual: toyPreset({ model: 'residual', blocks: nets / 2, hidden: [64, 64] }),
  implicit: toyPreset({ model: 'implicit', blocks: nets / 2, hidden: [64, 64] }),
});

/**
 * @param {string} name
 * @param {Key} k
 * @param {number} rows
 */
const draw = (name, k, rows) => tensor2d(toy(name).sample(k, rows), [rows, 2]);

/** @param {readonly number[]} numbers */
const average = (numbers) => numbers.reduce((total, n) => total + n, 0) / numbers.length;

/**
 * Makes a flow and the training loop of the flow.
 *
 * @param {string} name
 * @param {FlowSpec} spec
 * @param {number} seed
 */
const contender = (name, spec, seed) => {
  const flow = buildFlow(spec, { key: fold(key(seed), 0) });
  const loop = fit({
    model: flow,
    steps: STEPS,
    optimizer: adam(),
    learningRate: 5e-3,
    schedule: cosine({ steps: STEPS }),
    key: fold(key(seed), 1),
    validateEvery: STEPS,
    batch: (_step, k) => draw(name, k, BATCH),
    loss: (x, k, report) => neg(mean(flow.logProb(x, { train: true, key: k, report }))),
  });
  return { flow, loop, milliseconds: /** @type {number[]} */ ([]), solverSteps: /** @type {number[]} */ ([]) };
};

/**
 * Trains all flows alternately: one step of each flow in turn.
 *
 * @param {string} name
 * @param {Readonly<Record<string, FlowSpec>>} specs
 * @param {number} seed
 */
const trained = async (name, specs, seed) => {
  const all = Object.entries(specs).map(([kind, spec]) => ({ kind, ...contender(name, spec, seed) }));
  for (let step = 0; step < STEPS; step++) {
    for (const { loop, milliseconds, solverSteps } of all) {
      const begun = performance.now();
      const { value } = /** @type {IteratorYieldResult<FitStep>} */ (await loop.next());
      milliseconds.push(performance.now() - begun);
      solverSteps.push(value.solves?.forward?.steps ?? 0);
    }
  }
  return Promise.all(
    all.map(async ({ kind, flow, loop, milliseconds, solverSteps }) => {
      // `return` ends the loop early; its result is not used.
      await loop.return(/** @type {FitResult} */ (/** @type {unknown} */ (undefined)));
      flow.refresh({ tolerance: 1e-5 });
      const nats = scoped(() => neg(mean(flow.logProb(draw(name, fold(key(seed), 2), HELD_OUT)))).dataSync()[0]);
      const size = Object.values(flow.parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);
      const late = solverSteps.slice(STEPS >> 1);
      return { kind, nats, size, milliseconds: median(milliseconds.slice(STEPS >> 1)), steps: average(late) };
    }),
  );
};

const backend = await wasm().start();
/** @type {(string | number)[][]} */
const rows = [];
for (const name of ['moons', 'checkerboard']) {
  for (const nets of [2, 4]) {
    const runs = [];
    for (const seed of SEEDS) {
      runs.push(...(await trained(name, models(nets), seed)));
      console.error(
        `[bench] ${name}, ${nets} nets, seed ${seed}: ${runs
          .slice(-3)
          .map(({ kind, nats }) => `${kind} ${nats.toFixed(3)}`)
          .join(', ')}`,
      );
    }
    for (const kind of Object.keys(models(nets))) {
      const own = runs.filter((run) => run.kind === kind);
      const nats = own.map((run) => run.nats);
      rows.push([
        name,
        nets,
        kind,
        own[0].size,
        average(nats).toFixed(3),
        `${Math.min(...nats).toFixed(3)} to ${Math.max(...nats).toFixed(3)}`,
        median(own.map((run) => run.milliseconds)).toFixed(1),
        median(own.map((run) => run.steps)).toFixed(1),
      ]);
    }
  }
}
backend.dispose();

const HEAD = [
  'density',
  'nets',
  'blocks',
  'parameters',
  'held-out nats',
  'over the seeds',
  'ms a step',
  'solver steps',
];
const { cpu, cores } = machine();
const { node, tfjs } = versions();
/** @param {readonly (string | number)[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;
const entropies = ['moons', 'checkerboard']
  .map((name) => `${name} ${toy(name).entropy?.toFixed(3) ?? 'unknown'}`)
  .join(', ');
const table = [
  `${cpu}, ${cores} cores, Node ${node}, tfjs ${tfjs}; ${STEPS} steps of ${BATCH} rows, ${SEEDS.length} seeds, ${HELD_OUT} held-out rows. Entropy: ${entropies}.`,
  '',
  line(HEAD),
  line(HEAD.map(() => '---')),
  ...rows.map(line),
].join('\n');
console.log(table);
if (values.write)
  writeFileSync(
    PAGE,
    readFileSync(PAGE, 'utf8').replace(
      /(<!-- bench -->\n)[^]*(<!-- \/bench -->)/,
      (_all, open, close) => `${open}${table}\n${close}`,
    ),
  );
