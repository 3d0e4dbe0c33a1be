// Functions with which tests act as a visitor of the page, and functions that read the page's numbers at full
// precision.
import type { Locator, Page, Worker } from 'playwright';
import { expect, type Assertion } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { RunStatus, Session } from '../../src/state/session-types.ts';
import type { Role } from '../../src/workers/worker.ts';

declare global {
  /** The session of the page, which the page makes available in the browser's console. */
  var impflow: Session;
}

/** Milliseconds that a test waits for a condition. The number is large, because the machine may be busy. */
export const PATIENCE_MS = 45_000;

/** State of one of the models on the page. */
export interface Now {
  readonly step: number;
  readonly status: RunStatus;
  readonly parameters: number;
  readonly computing: string;
  readonly losses: readonly number[];
  /** The model's last result on held-out rows. */
  readonly heldOut: number | undefined;
  readonly playing: boolean;
}

export const now = (page: Page, slot = 0): Promise<Now> =>
  page.evaluate((which) => {
    const { step, status, parameters, computing, history } = impflow.runs.value[which]!;
    const { losses, heldOut } = history.value;
    return {
      step: step.value,
      status: status.value,
      parameters: parameters.value,
      computing: computing.value,
      losses,
      heldOut: heldOut.at(-1)?.nats,
      playing: impflow.playing.value,
    };
  }, slot);

export const config = (page: Page): Promise<Config> => page.evaluate(() => impflow.config.value);

/** Waits until a condition is true in the page. */
export const until = async <Arg>(
  page: Page,
  holds: (arg: Arg) => unknown,
  arg: Arg,
  patienceMs = PATIENCE_MS,
): Promise<void> => {
  await page.waitForFunction(holds as (arg: unknown) => unknown, arg, { timeout: patienceMs, polling: 50 });
};

export const untilStep = (page: Page, step: number, slot = 0, patienceMs = PATIENCE_MS): Promise<void> =>
  until(
    page,
    ([wanted, which]) => (globalThis.impflow?.runs.value[which!]?.step.value ?? 0) >= wanted!,
    [step, slot],
    patienceMs,
  );

/** Waits until a model is loaded and idle, and the pictures show the model's current weights. */
export const untilSeen = (page: Page, slot = 0): Promise<void> =>
  until(
    page,
    (which) => {
      const run = globalThis.impflow?.runs.value[which];
      return run?.status.value === 'paused' && (run.map.value ?? run.warp.value)?.step === run.step.value;
    },
    slot,
  );

/** Waits until a model can be trained. */
export const untilReady = (page: Page, slot = 0): Promise<void> =>
  until(page, (which) => globalThis.impflow?.runs.value[which]?.status.value === 'paused', slot);

/** Waits until a notice contains the text. */
export const untilTold = async (page: Page, words: RegExp | string, patienceMs = PATIENCE_MS): Promise<void> => {
  await page.getByRole('region', { name: 'Notices' }).getByText(words).first().waitFor({ timeout: patienceMs });
};

export const notices = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => impflow.notices.value.map(({ level, text }) => `${level}: ${text}`));

/** Returns a button that controls training. */
export const press = (page: Page, name: 'Play' | 'Pause' | 'Step' | 'Slow' | 'Reset' | 'Undo'): Promise<void> =>
  page.getByRole('region', { name: 'Training', exact: true }).getByRole('button', { name, exact: true }).click();

/** Goes to the station of the tour with a residual block and a steep edge, and predicts what the block can do. */
export const hitTheWall = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Take the tour' }).click();
  await page.getByRole('button', { name: 'A simple block hits a wall' }).click();
  await page.getByRole('button', { name: 'It cannot' }).click();
};

/** Trains the model on the page until it has made at least `step` steps, then pauses. */
export const trainTo = async (page: Page, step: number): Promise<void> => {
  await press(page, 'Play');
  await untilStep(page, step);
  await press(page, 'Pause');
  await untilReady(page);
};

/** Types into a field and leaves it. */
export const type = async (page: Page, label: string, text: string | number): Promise<void> => {
  const field = page.getByRole('textbox', { name: label, exact: true });
  await field.fill(String(text));
  await field.press('Tab');
};

export const choose = async (page: Page, label: string, option: string): Promise<void> => {
  await page.getByRole('combobox', { name: label, exact: true }).selectOption({ label: option });
};

/** Unfolds the part of the table dialog that makes two columns the data of the page. Returns its button. */
export const onlyTwo = async (page: Page): Promise<Locator> => {
  const part = page.getByRole('dialog').locator('details', { hasText: 'these two columns alone' });
  if ((await part.getAttribute('open')) === null) await part.locator('summary').click();
  const button = part.getByRole('button', { name: 'Use only these two' });
  return button;
};

/** Returns the training step that the page shows, as text. */
export const stepShown = async (page: Page): Promise<string> =>
  (await page.locator('.picture').first().getByRole('definition').first().textContent()) ?? '';

/** Address of a page that does not start to train by itself at the first visit. */
export const STILL = '#play=0';

/** Some points in the region in which toy densities are shown, `[n, 2]`. */
export const POINTS: readonly number[] = Array.from({ length: 400 }, (_, i) =>
  Math.fround(i % 2 === 0 ? 3 * Math.sin(i / 2) : 2 * Math.cos(1.7 * ((i - 1) / 2))),
);

/** Returns the log-densities of {@link POINTS} under a model. */
export const scores = (page: Page, slot = 0): Promise<readonly number[]> =>
  page.evaluate(
    async ([points, which]) => Array.from(await impflow.logProb(which as 0 | 1, Float32Array.from(points))),
    [POINTS, slot] as const,
  );

/** Returns a vitest expectation that is retried until it holds. */
export const eventually = <T>(probe: () => T | Promise<T>): Assertion<Awaited<T>> =>
  // oxlint-disable-next-line vitest/require-awaited-expect-poll -- the caller awaits the result
  expect.poll(probe, { timeout: PATIENCE_MS, interval: 100 }) as unknown as Assertion<Awaited<T>>;

/** Returns the largest difference between corresponding numbers of two lists. */
export const distance = (a: readonly number[], b: readonly number[]): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
};

/** Returns the workers of the page with this role. */
export const workersOf = async (page: Page, role: Role): Promise<readonly Worker[]> => {
  const named = await Promise.all(
    page.workers().map(async (worker) => ({ worker, name: await worker.evaluate(() => self.name).catch(() => '') })),
  );
  return named.filter(({ name }) => name === role).map(({ worker }) => worker);
};
