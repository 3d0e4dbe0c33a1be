import { FlowError, isFlowError, problemOf } from '@impflow/core';
import { transfer } from 'comlink';
import type { Started, StepReport, TrainerWorker } from '../../protocol/trainer.ts';
import { startBackend } from '../backends.ts';
import { prepare } from '../data/prepare.ts';
import { registriesWith } from '../plugins.ts';
import { job, type Job } from './job.ts';
import { outbox, type Outbox } from './outbox.ts';
import { stepLoop, type StepLoop } from './step-loop.ts';

/** Minimum interval between two messages with reports, in milliseconds. */
const REPORT_MS = 100;

/** The training in this worker, with its loop and its queue of reports. */
interface Active {
  readonly job: Job;
  readonly loop: StepLoop;
  readonly reports: Outbox<StepReport>;
}

/**
 * Creates the interface of the worker that trains one model at a time. Between two training steps the worker yields to
 * the event loop, so the worker responds to calls during training. With equal settings and on the same backend, the
 * worker computes the same numbers as `impflow train` with one worker.
 */
export const trainer = (): TrainerWorker => {
  let active: Active | undefined;
  /** Promise that settles when no call of `start` is in progress. Calls of `start` run one after another. */
  let started: Promise<unknown> = Promise.resolve();

  const end = async (): Promise<void> => {
    const before = active;
    active = undefined;
    await before?.loop.pause();
    before?.reports.flush();
    await before?.job.close();
  };
  const begin = async (...[options, report, failed]: Parameters<TrainerWorker['start']>): Promise<Started> => {
    await end();
    const [{ name: backend, computing, fallback }, data, registries] = await Promise.all([
      startBackend(options.backend),
      prepare(options.data),
      registriesWith(options.plugins),
    ]);
    const made = await job(options, { data, registries, backend });
    const reports = outbox(report, REPORT_MS);
    const advance = async (): Promise<boolean> => {
      try {
        const report = await made.advance();
        reports.add(report);
        if (report.ended === undefined) return true;
        reports.flush();
        return false;
      } catch (error) {
        reports.flush();
        failed(sentence(error), !isFlowError(error, 'convergence'));
        return false;
      }
    };
    active = { job: made, loop: stepLoop(advance), reports };
    return {
      step: made.done(),
      parameters: made.parameters,
      computing,
      ...(fallback === undefined ? {} : { fallback }),
      spec: made.spec,
      ended: made.ended,
      ...(made.trainedOn === undefined ? {} : { trainedOn: made.trainedOn }),
    };
  };
  const current = (): Active => {
    if (active !== undefined) return active;
    throw new FlowError('input', 'demo/trainer', 'No model to train', {
      hint: 'Call start first. If start failed, call it again.',
    });
  };

  return {
    start: (...what) => {
      const beginning = started.then(() => begin(...what));
      started = beginning.catch(() => {});
      return beginning;
    },
    run: (pauseMs) => {
      current().loop.run(pauseMs);
    },
    pause: async () => {
      const { loop, reports } = current();
      await loop.pause();
      reports.flush();
    },
    step: async () => {
      const { loop, reports } = current();
      await loop.step();
      reports.flush();
    },
    hold: (ms) => {
      active?.loop.hold(ms);
    },
    change: (what) => {
      current().job.change(what);
    },
    checkpoint: (part) => {
      const { job, loop } = current();
      return loop.between(async () => {
        const bytes = await job.checkpoint(part);
        return transfer(bytes, [bytes.buffer as ArrayBuffer]);
      });
    },
    ping: () => active?.job.done() ?? 0,
  };
};

/**
 * Returns the message of an error for the visitor, without its `[package/function]` prefix. The hint of an
 * `unsupported` error is removed too, because the hint is meant for programmers.
 */
const sentence = (error: unknown): string => {
  if (!isFlowError(error)) return error instanceof Error ? error.message : String(error);
  return `${problemOf(error)}.${error.hint === undefined || error.code === 'unsupported' ? '' : ` ${error.hint}`}`;
};
