// Runs under mpirun. Measures training steps of a preset on all ranks, then the messages of these steps without
// computing. Rank 0 prints JSON. node tools/scale/mpi-steps.mjs '{"preset":"toy","batch":500,"steps":60}'
import { job } from '../bench/jobs.mjs';
import { core, training, wasm } from '../bench/library.mjs';
import { median } from '../bench/statistics.mjs';

const { joinMpi } = await import('../../packages/mpi/dist/index.js');
const { preset, batch, steps } = JSON.parse(process.argv[2]);
/** Number of first steps that are not measured, because V8 compiles code in them. */
const WARM = 5;
const ROUNDS = 100;

const ranks = await joinMpi();
if ('serve' in ranks) {
  // The second argument of `ranks.open` arrives here as `echoes`, and selects the module of the worker.
  await ranks.serve((echoes) =>
    training.openWorker(new URL(echoes ? './mpi-echo.mjs' : '../bench/gradients.mjs', import.meta.url), false),
  );
} else {
  await wasm({ collectRarely: true }).start();
  const { model, loss, batch: draw } = job({ preset, batch });
  const parallel = await training.dataParallel({
    workers: ranks.ranks,
    module: new URL('../bench/gradients.mjs', import.meta.url),
    data: { preset, batch, often: false },
    port: (index) => ranks.open(index),
  });
  const loop = training.fit({
    model,
    loss,
    batch: draw,
    key: core.key(2),
    steps: Number.MAX_SAFE_INTEGER,
    optimizer: training.adam(),
    learningRate: 1e-3,
    parallel,
  });
  for (let i = 0; i < WARM; i++) await loop.next();
  const before = ranks.traffic();
  const seconds = [];
  for (let i = 0; i < steps; i++) {
    const began = performance.now();
    await loop.next();
    seconds.push((performance.now() - began) / 1000);
  }
  const after = ranks.traffic();
  await parallel.close();

  /** @param {Readonly<Record<string, { readonly size: number }>>} variables */
  const bytesOf = (variables) => 4 * Object.values(variables).reduce((sum, { size }) => sum + size, 0);
  const gradient = bytesOf(model.parameters);
  const variables = new SharedArrayBuffer(gradient + bytesOf(model.buffers));
  const rows = new SharedArrayBuffer(4 * batch * model.shape.reduce((product, side) => product * side, 1));
  const ports = Array.from({ length: ranks.ranks - 1 }, (_, i) => ranks.open(i + 1, true));
  let waiting = () => {};
  let open = 0;
  for (const port of ports)
    port.onMessage(() => {
      open -= 1;
      if (open === 0) waiting();
    });
  const exchanges = [];
  for (let i = 0; ports.length > 0 && i < ROUNDS; i++) {
    const began = performance.now();
    await new Promise((resolve) => {
      waiting = () => resolve(undefined);
      open = ports.length;
      for (const port of ports) void port.post({ variables, batch: rows, bytes: gradient });
    });
    exchanges.push((performance.now() - began) / 1000);
  }
  await Promise.all(ports.map((port) => port.terminate()));
  console.log(
    JSON.stringify({
      preset,
      batch,
      ranks: ranks.ranks,
      library: ranks.library,
      parameterBytes: gradient,
      batchBytes: rows.byteLength,
      secondsPerStep: median(seconds),
      sentPerStep: (after.sent - before.sent) / steps,
      receivedPerStep: (after.received - before.received) / steps,
      exchangeSeconds: exchanges.length === 0 ? 0 : median(exchanges),
    }),
  );
  await ranks.close();
}
process.exit(0);
