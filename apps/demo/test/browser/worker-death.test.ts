// Tests of the page's behavior if a worker crashes, or if the browser suspends the page.
import type { CDPSession, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../src/workers/worker.ts';
import {
  distance,
  eventually,
  notices,
  now,
  press,
  scores,
  stepShown,
  trainTo,
  until,
  untilReady,
  untilSeen,
  untilStep,
  untilTold,
  workersOf,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const { visit: visitTab } = useSite({ tabs: true });

const TINY = '#blocks=1&hidden=16-16&batch=64&lr=0.003&steps=0';
/**
 * Milliseconds in which the page must detect and replace a dead worker. The viewer counts as dead after 30 s without a
 * response, a trainer after 8 s.
 */
const RECOVERY_MS = 90_000;

/** Terminates the worker of a role without a message to the page, like a crash. */
const kill = async (page: Page, role: Role): Promise<void> => {
  const [worker, ...others] = await workersOf(page, role);
  expect(others).toEqual([]);
  await worker!.evaluate(() => self.close());
};

const stepsOfHistory = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => impflow.runs.value[0]!.history.value.steps);

// These tests run concurrently, because each test waits most of the time.
describe.concurrent('a worker that dies', () => {
  it('if a worker dies during training, a notice reports it, and a new worker continues from the last copy', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      // Pausing the training makes a copy of the model.
      await trainTo(page, 400);
      await untilSeen(page);
      const { step, heldOut, losses } = await now(page);
      expect(heldOut).toBeLessThan(losses[0]! - 0.5);
      await press(page, 'Play');
      await untilStep(page, step + 20);
      await kill(page, 'trainer');
      await untilTold(
        page,
        /The trainer stopped at step \d+ .*Another trainer continues from its copy of step \d+/,
        RECOVERY_MS,
      );
      const [lost, copied] = /at step (\d+) .*copy of step (\d+)/
        .exec((await notices(page))[0]!)!
        .slice(1)
        .map(Number) as [number, number];
      expect(lost).toBeGreaterThanOrEqual(step + 20);
      expect(copied).toBeGreaterThanOrEqual(step);
      expect(copied).toBeLessThanOrEqual(lost);
      await untilStep(page, lost + 50);
      expect(await now(page)).toMatchObject({ playing: true, status: 'running' });
      await press(page, 'Pause');
      await untilSeen(page);
      await until(
        page,
        () => impflow.runs.value[0]!.history.value.heldOut.at(-1)?.step === impflow.runs.value[0]!.step.value,
        undefined,
      );
      expect((await now(page)).heldOut).toBeLessThan(heldOut! + 0.1);
      // Steps that were repeated after the crash appear in the loss curve only once.
      const steps = await stepsOfHistory(page);
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    }));

  it('if a worker dies while training is paused, a new worker restores the same model and can train it', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 100);
      await untilSeen(page);
      const [{ step }, trained] = [await now(page), await scores(page)];
      await kill(page, 'trainer');
      await untilTold(
        page,
        new RegExp(`The trainer stopped at step ${step} .*from its copy of step ${step}\\.`),
        RECOVERY_MS,
      );
      await untilReady(page);
      expect(distance(await scores(page), trained)).toBeLessThan(1e-6);
      expect(await now(page)).toMatchObject({ step, playing: false });
      expect(await stepShown(page)).toBe(String(step));
      await trainTo(page, step + 20);
    }));

  it('if a worker dies after single steps, no step is lost', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      for (const step of [1, 2, 3]) {
        await press(page, 'Step');
        await untilStep(page, step);
      }
      await untilSeen(page);
      const trained = await scores(page);
      await kill(page, 'trainer');
      await untilTold(page, /The trainer stopped at step 3 .*from its copy of step 3\./, RECOVERY_MS);
      await untilReady(page);
      expect(distance(await scores(page), trained)).toBeLessThan(1e-6);
    }));

  it('if workers die three times in a minute, training stops with a notice; Play continues from the last copy', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 200);
      await untilSeen(page);
      const [{ step }, trained] = [await now(page), await scores(page)];
      // The test does not check the training between two crashes.
      await press(page, 'Slow');
      await press(page, 'Play');
      for (let deaths = 1; deaths < 3; deaths++) {
        const next = page.waitForEvent('worker', { timeout: RECOVERY_MS });
        await kill(page, 'trainer');
        await next;
        await until(page, () => impflow.runs.value[0]!.status.value === 'running', undefined);
      }
      await kill(page, 'trainer');
      await untilTold(
        page,
        /Training stopped repeatedly .*The model of step \d+ is kept: press play to continue from it/,
        RECOVERY_MS,
      );
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      expect(await now(page)).toMatchObject({ status: 'failed', playing: false });
      expect(await page.getByRole('article').getByText('Stopped on').isVisible()).toBe(true);

      await press(page, 'Play');
      await untilStep(page, step);
      await until(page, () => impflow.runs.value[0]!.status.value === 'running', undefined);
      await press(page, 'Pause');
      await untilReady(page);
      const { step: reached } = await now(page);
      expect(reached).toBeGreaterThanOrEqual(step);
      expect(reached).toBeLessThan(step + 200);
      expect(distance(await scores(page), trained)).toBeLessThan(1);
    }));

  it('if the viewer dies, it is replaced and the pictures return; training continues in the meantime', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Slow');
      await press(page, 'Play');
      await until(page, () => (impflow.runs.value[0]!.map.value?.step ?? 0) >= 1, undefined);
      await kill(page, 'viewer');
      const seen = await page.evaluate(() => impflow.runs.value[0]!.map.value!.step);
      await untilTold(page, /The drawing worker stopped and was started again\. Training continued/, RECOVERY_MS);
      const { step } = await now(page);
      expect(step).toBeGreaterThan(seen + 10);
      await until(page, (wanted) => impflow.runs.value[0]!.map.value!.step >= wanted, step);
      await press(page, 'Pause');
      await untilSeen(page);
      expect((await scores(page)).every(Number.isFinite)).toBe(true);
    }));
});

describe('a page in the background', () => {
  /** Puts another tab in front of the page. Returns a function that closes that tab. */
  const cover = async (page: Page): Promise<() => Promise<void>> => {
    const other = await page.context().newPage();
    await other.bringToFront();
    await until(page, () => document.hidden, undefined);
    return async () => {
      await other.close();
      await page.bringToFront();
      await until(page, () => !document.hidden, undefined);
    };
  };
  const seen = (page: Page): Promise<number> => page.evaluate(() => impflow.runs.value[0]!.map.value!.step);

  it('a hidden page trains without drawing pictures, and shows current pictures when it is visible again', () =>
    visitTab({ hash: `${TINY}&play=1` }, async ({ page }) => {
      await untilStep(page, 20);
      // On a slow machine, the first picture can take longer than 20 steps.
      await until(page, () => impflow.runs.value[0]!.map.value !== undefined, undefined);
      const uncover = await cover(page);
      // The test waits for a picture that was in progress when the page was hidden.
      const { step } = await now(page);
      await untilStep(page, step + 100);
      const drawn = await seen(page);
      await untilStep(page, step + 800);
      expect(await seen(page)).toBe(drawn);
      await uncover();
      await until(page, (wanted) => impflow.runs.value[0]!.map.value!.step >= wanted, step + 800);
      expect(await now(page)).toMatchObject({ playing: true, status: 'running' });
      expect(await notices(page)).toEqual([]);
    }));

  it('a page that the browser has frozen continues where it stopped, and no worker counts as dead', () =>
    visitTab({ hash: `${TINY}&play=1` }, async ({ page }) => {
      await untilStep(page, 20);
      const trainers = await workersOf(page, 'trainer');
      const browser: CDPSession = await page.context().newCDPSession(page);
      const uncover = await cover(page);
      await browser.send('Page.setWebLifecycleState', { state: 'frozen' });
      const [start, { step }] = [Date.now(), await now(page)];
      // The page is frozen for longer than a worker of a visible page may take to respond.
      await eventually(() => Date.now() - start).toBeGreaterThan(10_000);
      expect((await now(page)).step).toBe(step);
      await browser.send('Page.setWebLifecycleState', { state: 'active' });
      await uncover();
      await untilStep(page, step + 200);
      await until(page, (wanted) => impflow.runs.value[0]!.map.value!.step >= wanted, step + 100);
      expect(await now(page)).toMatchObject({ playing: true, status: 'running' });
      expect(await notices(page)).toEqual([]);
      expect(await workersOf(page, 'trainer')).toEqual(trainers);
    }));
});
