import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, valueAndGradients, type SolveReport } from '@impflow/core';
import { buildFlow, toyPreset } from '@impflow/flows';
import { auditNorms } from '@impflow/lipschitz';
import { toy } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { adam, fit } from '@impflow/training';
import { memory, mean, neg, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

// Trains the paper's two-dimensional model for 2,000 steps. Then the test checks the results for which the published
// code returns wrong numbers after training.
const ROWS = 10_000;
const COEFF = 0.99;
const checkerboard = toy('checkerboard');
const draw = (seed: ReturnType<typeof key>, rows: number): Tensor =>
  tensor2d(checkerboard.sample(seed, rows), [rows, 2]);

/** Returns the mean negative log-density over new rows, and its standard error. */
const testLoss = (flow: ReturnType<typeof buildFlow>): { readonly nats: number; readonly standardError: number } => {
  const values: number[] = [];
  for (let block = 0; block < ROWS / 1000; block++)
    values.push(...tidy(() => neg(flow.logProb(draw(fold(key(77), block), 1000))).dataSync()));
  const nats = values.reduce((a, b) => a + b, 0) / ROWS;
  return { nats, standardError: Math.sqrt(values.reduce((sum, v) => sum + (v - nats) ** 2, 0) / ROWS / ROWS) };
};

/** Collects garbage, so that the next measurement of resident memory counts only memory in use. */
const collect = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

onBackend(wasm());

it('after 2,000 training steps on the checkerboard, densities, inverses and norms are still correct', async () => {
  const flow = buildFlow(toyPreset({ coeff: COEFF }), { key: key(0) });
  const resident: number[] = [];
  const tensors = new Set<number>();
  let unconverged = 0;
  let early = { nats: Infinity, standardError: 0 };
  let started = performance.now();
  for await (const { step, loss, solves, seconds } of fit({
    model: flow,
    optimizer: adam(),
    learningRate: 1e-3,
    steps: 2000,
    key: key(1),
    batch: (_step, batchKey) => draw(batchKey, 500),
    loss: (batch, lossKey, report) => neg(mean(flow.logProb(batch, { train: true, key: lossKey, report }))),
  })) {
    unconverged += (solves?.forward?.unconverged ?? 0) + (solves?.adjoint?.unconverged ?? 0);
    if (step > 200) tensors.add(memory().numTensors);
    if (step > 200 && step % 10 === 0) {
      collect();
      resident.push(process.memoryUsage.rss());
    }
    if (step % 100 === 0) {
      console.log(
        `step ${step}: loss ${loss.toFixed(4)}, ${(1000 * seconds).toFixed(0)} ms, forward steps ` +
          `${solves?.forward?.steps.toFixed(2)}, unconverged so far ${unconverged}, ` +
          `${((performance.now() - started) / 1000).toFixed(0)} s`,
      );
    }
    if (step === 500) {
      flow.refresh({ tolerance: 1e-5 });
      early = testLoss(flow);
      console.log(`test loss after 500 steps: ${early.nats.toFixed(4)} +- ${early.standardError.toFixed(4)} nats`);
    }
  }
  console.log(`2,000 steps in ${((performance.now() - started) / 1000).toFixed(0)} s`);

  // The published implementation reaches a test loss of 3.69 nats.
  expect(early.nats).toBeLessThanOrEqual(3.75);
  expect(early.nats).toBeGreaterThan(checkerboard.entropy! - early.standardError);

  // The number of tensors must be the same at every step. Resident memory after garbage collection may change by at
  // most 5 %.
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const [before, after] = [median(resident.slice(0, 10)), median(resident.slice(-10))];
  console.log(
    `tensors ${[...tensors].join(', ')}; resident ${(before / 2 ** 20).toFixed(1)} -> ${(after / 2 ** 20).toFixed(1)} MiB`,
  );
  expect(tensors.size).toBe(1);
  expect(Math.abs(after / before - 1)).toBeLessThan(0.05);
  expect(unconverged).toBe(0);

  flow.refresh({ tolerance: 1e-5 });
  const { nats, standardError } = testLoss(flow);
  console.log(`test loss after 2,000 steps: ${nats.toFixed(4)} +- ${standardError.toFixed(4)} nats`);
  expect(nats).toBeGreaterThan(checkerboard.entropy! - standardError);

  // Record every solve of every sample (forward, inverse, adjoint), and the largest error of `decode` after `encode`.
  const reports: SolveReport[] = [];
  const report = (solve: SolveReport): void => {
    reports.push(solve);
  };
  let roundTrip = 0;
  started = performance.now();
  for (let block = 0; block < ROWS / 1000; block++) {
    tidy(() => {
      const x = draw(fold(key(78), block), 1000);
      const back = flow.decode(flow.encode(x, { report }), { report }).dataSync();
      x.dataSync().forEach((value, i) => {
        roundTrip = Math.max(roundTrip, Math.abs(value - back[i]!));
      });
      valueAndGradients(() => neg(mean(flow.logProb(x, { train: true, report }))), flow.parameters);
    });
  }
  const missed = (phase: SolveReport['phase']): number =>
    reports
      .filter((r) => r.phase === phase)
      .reduce((sum, { stats }) => sum + stats.converged.filter((flag) => flag === 0).length, 0);
  const worst = (phase: SolveReport['phase']): number =>
    Math.max(...reports.filter((r) => r.phase === phase).map(({ stats }) => Math.max(...stats.residual)));
  for (const phase of ['forward', 'inverse', 'adjoint'] as const)
    console.log(`${phase}: ${missed(phase)} samples not converged, largest residual ${worst(phase).toExponential(2)}`);
  console.log(
    `round trip ${roundTrip.toExponential(2)} on ${ROWS} points, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  expect(missed('forward') + missed('inverse') + missed('adjoint')).toBe(0);
  expect(roundTrip).toBeLessThan(1e-4);

  // The true operator norm of every layer.
  const largest = Math.max(...auditNorms(flow, { coeff: COEFF }).map(({ norm }) => norm));
  console.log(`largest operator norm of a capped layer ${largest.toFixed(6)}`);
  expect(largest).toBeLessThanOrEqual(COEFF * (1 + 1e-3));
}, 3_600_000);
