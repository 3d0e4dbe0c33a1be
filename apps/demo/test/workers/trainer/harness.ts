import type { StepReport, TrainerStart, TrainerWorker } from '../../../src/protocol/trainer.ts';
import { trainer } from '../../../src/workers/trainer/trainer.ts';

/** Options to start the training of a small, fast model with two implicit blocks. */
export const SMALL: TrainerStart['model'] = {
  kind: 'implicit',
  blocks: 2,
  hidden: [24, 24],
  activation: 'sin',
  coeff: 0.99,
};

export const MOONS: TrainerStart = {
  backend: 'wasm',
  seed: 0,
  learningRate: 5e-3,
  batch: 256,
  plugins: [],
  model: SMALL,
  data: { choice: { kind: 'toy', name: 'moons', noise: 0, size: 0 }, seed: 0 },
};

/** A trainer, and all reports of steps that the trainer has sent. */
export interface Heard {
  readonly worker: TrainerWorker;
  readonly steps: StepReport[];
  /** For each message from the trainer, its number of reports. */
  readonly bundles: number[];
  readonly failures: { readonly message: string; readonly lost: boolean }[];
  start(change?: Partial<TrainerStart>): ReturnType<TrainerWorker['start']>;
}

export const heard = (): Heard => {
  const worker = trainer();
  const [steps, bundles, failures]: [StepReport[], number[], Heard['failures']] = [[], [], []];
  return {
    worker,
    steps,
    bundles,
    failures,
    start: (change = {}) =>
      worker.start(
        { ...MOONS, ...change },
        (some) => {
          steps.push(...some);
          bundles.push(some.length);
        },
        (message, lost) => {
          failures.push({ message, lost });
        },
      ),
  };
};

export const losses = ({ steps }: Pick<Heard, 'steps'>): readonly number[] => steps.map(({ loss }) => loss);

export const several = async (times: number, task: () => Promise<void>): Promise<void> => {
  for (let i = 0; i < times; i++) await task();
};

export const waiting = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Waits until a condition is true. */
export const until = async (holds: () => boolean): Promise<void> => {
  const began = Date.now();
  while (!holds()) {
    if (Date.now() - began > 20_000) throw new Error('waited in vain');
    await waiting(5);
  }
};

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
