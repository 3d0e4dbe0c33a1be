import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, release, type SolveReport } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import {
  adam,
  assignVariables,
  fit,
  fitToEnd,
  loadCheckpoint,
  restoreVariables,
  saveCheckpoint,
  sgd,
  stateFrom,
  type FitOptions,
  type FitStep,
  type StepMetrics,
} from '@impflow/training';
import { memory, mul, ones, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTROPY, everything, gaussian, heldOut, rows, TRUTH } from './model.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-fit-'));
});
afterAll(() => rm(folder, { recursive: true }));

const metricsOf = ({ seconds: _seconds, state: _state, ...metrics }: FitStep): StepMetrics => metrics;
const bitsOf = (tensors: Readonly<Record<string, Tensor>>): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [
      name,
      Array.from(new Uint32Array(new Float32Array(x.dataSync()).buffer)),
    ]),
  );
const discard = (model: ReturnType<typeof gaussian>): void => release([model.parameters, model.buffers]);

/**
 * Runs the remaining steps of a training. Returns the metrics of the steps, the bits of the tensors in the last state,
 * and why the training ended.
 */
const run = async (options: FitOptions) => {
  const metrics: StepMetrics[] = [];
  const { stopped, state } = await fitToEnd(options, (step) => {
    metrics.push(metricsOf(step));
  });
  const { parameters, buffers } = options.model;
  const final = {
    parameters: bitsOf(parameters),
    buffers: bitsOf(buffers),
    ema: bitsOf(state.ema ?? {}),
    best: bitsOf(state.best?.parameters ?? {}),
  };
  release(state);
  return { metrics, stopped, final };
};

describe.each([
  ['cpu', cpu],
  ['wasm', wasm],
] as const)('fit on %s', (name, adapter) => {
  onBackend(adapter());

  it('`fit` reaches the known optimum of a Gaussian model', async () => {
    const model = gaussian(3);
    const { stopped, state } = await fitToEnd({
      ...everything(model, 400),
      loss: (batch) => model.nats(batch),
      batch: (_step, k) => rows(k, 256),
      validate: heldOut(model, 4000),
      validateEvery: 100,
      schedule: (step) => 0.5 * (1 + Math.cos((Math.PI * step) / 400)),
    });
    expect(stopped).toBe('steps');
    // The negative log-density has standard deviation sqrt(2 / 2) = 1, so the mean over 4000 rows has a standard error
    // of 0.016. The difference between the loss of the fit and the optimum is far smaller.
    expect(Math.abs(state.best!.nats - ENTROPY)).toBeLessThan(4 * 0.016);
    assignVariables(model.parameters, state.best!.parameters);
    Array.from(model.parameters['net.weight']!.dataSync()).forEach((w, i) => {
      expect(w).toBeCloseTo(TRUTH.a.flat()[i]!, 1);
    });
    Array.from(model.parameters['logScale']!.dataSync()).forEach((s, i) => {
      expect(Math.exp(s)).toBeCloseTo(TRUTH.s[i]!, 1);
    });
    release(state);
    discard(model);
  });

  it('a training that is resumed from a file gives the same bits as an uninterrupted training', async () => {
    const whole = gaussian(5);
    const unbroken = await run(everything(whole, 20));
    discard(whole);

    for (const stopAt of [1, 8, 9]) {
      const path = join(folder, `${name}.${stopAt}.safetensors`);
      const first = gaussian(5);
      const metrics: StepMetrics[] = [];
      for await (const step of fit(everything(first, 20))) {
        metrics.push(metricsOf(step));
        if (step.step < stopAt) continue;
        await saveCheckpoint(path, { spec: { kind: 'gaussian' }, seed: 7, model: first, state: step.state });
        release(step.state);
        break;
      }
      discard(first);

      const checkpoint = await loadCheckpoint(path);
      const second = gaussian(6);
      restoreVariables(second.parameters, checkpoint.tensors, 'parameters', path);
      restoreVariables(second.buffers, checkpoint.tensors, 'buffers', path);
      const state = stateFrom(checkpoint.tensors, checkpoint.training);
      const rest = await run({ ...everything(second, 20), state });
      release(state);
      discard(second);
      expect([...metrics, ...rest.metrics]).toEqual(unbroken.metrics);
      expect(rest.final).toEqual(unbroken.final);
    }
  });

  it('a training gives the same bits if it validates after every step or only after the last step', async () => {
    const runs = [];
    for (const validateEvery of [1, 1000]) {
      const model = gaussian(8);
      const { metrics, final } = await run({ ...everything(model, 12), validateEvery });
      runs.push({
        metrics: metrics.map(({ validation: _v, best: _b, ...rest }) => rest),
        parameters: final.parameters,
        buffers: final.buffers,
      });
      discard(model);
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it('the number of tensors in memory stays constant during a training', async () => {
    const before = memory().numTensors;
    const model = gaussian(9);
    const counts: number[] = [];
    const { state } = await fitToEnd(everything(model, 30), () => {
      counts.push(memory().numTensors);
    });
    // The number of tensors is constant after the first validation, which stores the first copy of the best weights.
    expect(new Set(counts.slice(2)).size).toBe(1);
    release(state);
    discard(model);
    expect(memory().numTensors).toBe(before);
  });
});

describe('fit', () => {
  onBackend(cpu());

  it('`fit` ends after the step for which `last` returns true, and validates after each step for which `validateEvery` returns true', async () => {
    const model = gaussian(3);
    const validated: number[] = [];
    let step = 0;
    const { state, stopped } = await fitToEnd(
      {
        ...everything(model, 1000),
        validateEvery: (at) => at === 2,
        last: (at) => at === 5,
        validate: () => {
          validated.push(step + 1);
          return { nats: 1, standardError: 0 };
        },
      },
      (made) => {
        ({ step } = made);
      },
    );
    expect([state.step, stopped, validated]).toEqual([5, 'steps', [2, 5]]);
    release(state);
    discard(model);
  });

  it('with `validateFirst`, the initial weights count as the best until a validation has a lower loss', async () => {
    for (const [losses, best] of [
      [[1, 1, 2], 0],
      [[2, 1, 3], 6],
    ] as const) {
      const model = gaussian(3);
      let calls = 0;
      const { state } = await fitToEnd({
        ...everything(model, 12),
        validateEvery: 6,
        validateFirst: true,
        validate: () => ({ nats: losses[calls++]!, standardError: 0 }),
      });
      expect([calls, state.best?.step]).toEqual([3, best]);
      release(state);
      discard(model);
    }
  });

  it('`fit` validates the averaged weights after a refresh with `tightRefresh`', async () => {
    const model = gaussian(10);
    const seen: number[] = [];
    let refreshed = 0;
    const watched = {
      ...model,
      refresh: (options?: { iterations?: number }) => {
        refreshed = options?.iterations ?? 1;
        model.refresh(options);
      },
    };
    const { state } = await fitToEnd({
      ...everything(model, 6),
      model: watched,
      validate: () => {
        seen.push(model.parameters['logScale']!.dataSync()[0]!, refreshed);
        return { nats: 0, standardError: 0 };
      },
    });
    // The second validation ran after the last step, so it used the average that `state.ema` still contains.
    expect(seen.slice(2)).toEqual([state.ema!['logScale']!.dataSync()[0], 30]);
    expect(seen[2]).not.toBe(model.parameters['logScale']!.dataSync()[0]);
    release(state);
    discard(model);
  });

  it('`fit` stops early if `patience` validations bring no lower loss, and the state contains the weights of the best step', async () => {
    const model = gaussian(11);
    const script = [3, 2, Number.NaN, 2.5, 2, 1];
    let calls = 0;
    const history: Record<string, number[]>[] = [];
    const { stopped, state } = await fitToEnd(
      {
        model,
        loss: (batch) => model.nats(batch),
        batch: (_s, k) => rows(k, 8),
        validate: () => ({ nats: script[calls++]!, standardError: 0.1 }),
        validateEvery: 2,
        patience: 3,
        steps: 100,
        optimizer: sgd(),
        learningRate: 0.01,
        key: key(1),
      },
      () => {
        history.push(bitsOf(model.parameters));
      },
    );
    expect(stopped).toBe('early-stopping');
    expect(state.step).toBe(10);
    expect(state.best).toMatchObject({ step: 4, nats: 2 });
    expect(bitsOf(state.best!.parameters)).toEqual(history[3]);
    release(state);
    discard(model);
  });

  it('`fit` stops after the current step if a timer aborts the signal', async () => {
    const model = gaussian(12);
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 20);
    let steps = 0;
    const { stopped, state } = await fitToEnd({ ...everything(model, 1e6), signal: controller.signal }, () => {
      steps++;
    });
    expect(stopped).toBe('aborted');
    expect(state.step).toBe(steps);
    release(state);
    discard(model);
  });

  it('`fit` throws if a loss is not finite, and the model and the last state keep the values of the previous step', async () => {
    const model = gaussian(13);
    const before = memory().numTensors;
    let last: FitStep | undefined;
    let good = {};
    const broken = fitToEnd(
      { ...everything(model, 20), loss: (batch) => mul(model.nats(batch), last?.step === 5 ? Number.NaN : 1) },
      (step) => {
        last = step;
        good = bitsOf(model.parameters);
      },
    );
    await expect(broken).rejects.toThrow(
      expect.objectContaining({
        code: 'convergence',
        message: expect.stringMatching(/Step 6 is not finite.*loss NaN.*learning rate/) as string,
      }) as Error,
    );
    expect(bitsOf(model.parameters)).toEqual(good);
    expect(last!.state.step).toBe(5);
    expect(last!.state.optimizer.slots['m.logScale']!.dataSync().every(Number.isFinite)).toBe(true);
    release(last!.state);
    const atOnce = fitToEnd({ ...everything(model, 20), loss: (batch) => mul(model.nats(batch), Infinity) });
    await expect(atOnce).rejects.toThrow(/Step 1 is not finite/);
    const failing = fitToEnd({
      ...everything(model, 20),
      validate: () => {
        throw new Error('no data');
      },
    });
    await expect(failing).rejects.toThrow('no data');
    expect(memory().numTensors).toBe(before);
    discard(model);
  });

  it('`fit` yields summaries of the equation solves of each step', async () => {
    const model = gaussian(14);
    const solve = (steps: number, residual: readonly number[], converged: readonly number[]): SolveReport => ({
      at: 'blocks.0',
      phase: 'forward',
      status: 'converged',
      stats: {
        solver: 'newton',
        steps,
        evaluations: steps + 1,
        residual: Float32Array.from(residual),
        converged: Uint8Array.from(converged),
        status: converged.map((flag) => (flag === 1 ? 'converged' : 'max-steps')),
        path: ['newton'],
      },
    });
    for await (const step of fit({
      ...everything(model, 1),
      loss: (batch, _k, report) => {
        report(solve(4, [0.5, 0.25], [1, 1]));
        report(solve(7, [0.125, 2], [1, 0]));
        report({ ...solve(3, [0.5], [1]), phase: 'adjoint' });
        return model.nats(batch);
      },
    })) {
      expect(step.rows).toBe(32);
      expect(step.solves).toEqual({
        forward: { solves: 2, steps: 5.5, unconverged: 1, residual: 2 },
        adjoint: { solves: 1, steps: 3, unconverged: 0, residual: 0.5 },
      });
      expect(JSON.parse(JSON.stringify(metricsOf(step)))).toEqual(metricsOf(step));
      release(step.state);
    }
    discard(model);
  });

  it('`fit` refuses wrong options, losses that are not scalars, and states of a different optimizer or model', async () => {
    const model = gaussian(15);
    const before = memory().numTensors;
    const options = everything(model, 5);
    const refused = (change: Partial<FitOptions>, message: RegExp): Promise<void> =>
      expect(fitToEnd({ ...options, ...change })).rejects.toThrow(message);
    await refused({ learningRate: -1 }, /Wrong learningRate: expected a positive, finite number, got -1/);
    await refused({ steps: 1.5 }, /Wrong steps/);
    await refused({ validateEvery: 0 }, /Wrong validateEvery/);
    await refused({ patience: 0 }, /Wrong patience/);
    await refused({ clipNorm: -1 }, /Wrong clipNorm/);
    await refused({ emaDecay: 1 }, /Wrong decay/);
    await refused({ loss: (batch) => mul(batch, model.nats(batch)) }, /expected a scalar/);
    const momentum = sgd({ momentum: 0.9 });
    const foreign = { step: 1, sinceBest: 0, optimizer: momentum.init(model.parameters) };
    await refused({ state: foreign }, /optimizer adam in this state lack "m\.net\.weight"/);
    const slots = adam().init(model.parameters);
    const misshapen = {
      step: 1,
      sinceBest: 0,
      optimizer: { ...slots, slots: { ...slots.slots, 'm.logScale': ones([3]) } },
    };
    await refused({ state: misshapen }, /wrong shape of "m\.logScale": expected \[2\], got \[3\]/);
    release([foreign, slots, misshapen]);
    expect(memory().numTensors).toBe(before);
    discard(model);
  });
});
