import { signal, type ReadonlySignal } from '@preact/signals';
import { proxy, type Remote } from 'comlink';
import type { WallCurve, WallRequest, WallWorker } from '../protocol/wall.ts';

/** A handle of the worker that fits the blocks. */
export interface WallHandle {
  /** Calls the worker and resolves with the result. Rejects if the worker has died or dies during the call. */
  ask<R>(call: (worker: Remote<WallWorker>) => R): Promise<Awaited<R>>;
  close(): void;
}

/**
 * State of the fit. `idle`: no fit was requested yet. `waiting`: a setting has just changed, and the fit starts after a
 * short pause.
 */
type WallStatus = 'idle' | 'waiting' | 'fitting' | 'done' | 'failed';

/** Manages the current fit and the worker that computes it. */
export interface WallFits {
  readonly request: ReadonlySignal<WallRequest>;
  /** The latest curves of the fit of the current request. */
  readonly curve: ReadonlySignal<WallCurve | undefined>;
  readonly status: ReadonlySignal<WallStatus>;
  /** Error message of the last fit that failed. */
  readonly problem: ReadonlySignal<string>;
  /**
   * Changes the function or the Lipschitz bound of the layers. Ends the current fit. A new fit starts when the settings
   * have not changed for a short time.
   */
  change(part: Partial<Omit<WallRequest, 'seed'>>): void;
  /** Starts a new fit from other random weights. */
  again(): void;
  /**
   * The page calls this function when the experiment comes into view or goes out of view. The first call with `true`
   * starts the first fit. If the experiment is out of view for a long time, the worker is closed.
   */
  seen(visible: boolean): void;
  end(): void;
}

interface WallPatience {
  /** A fit starts when the settings have not changed for this number of milliseconds. Default 300. */
  readonly pauseMs?: number;
  /** The worker is closed when the experiment has been out of view for this number of milliseconds. Default 60,000. */
  readonly absenceMs?: number;
}

const FIRST: WallRequest = { slope: 10, width: 0.5, coeff: 0.99, seed: 0 };

/**
 * Manages the fits of the experiment with one residual and one implicit block. `open` starts a worker. `open` is called
 * for the first fit, and whenever a fit starts after the previous worker has died or was closed.
 */
export const wallFits = (
  open: () => Promise<WallHandle>,
  { pauseMs = 300, absenceMs = 60_000 }: WallPatience = {},
): WallFits => {
  const request = signal(FIRST);
  const curve = signal<WallCurve | undefined>(undefined);
  const status = signal<WallStatus>('idle');
  const problem = signal('');
  let handle: Promise<WallHandle> | undefined;
  /** Number of the latest fit. Results that arrive from earlier fits are ignored. */
  let latest = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let absence: ReturnType<typeof setTimeout> | undefined;

  const close = (): void => {
    void handle?.then(
      (opened) => opened.close(),
      () => {},
    );
    handle = undefined;
  };
  /** Discards the current fit. */
  const drop = (next: WallStatus): number => {
    clearTimeout(pause);
    curve.value = undefined;
    status.value = next;
    return (latest += 1);
  };
  const attempt = async (mine: number): Promise<void> => {
    const { ask } = await (handle ??= open());
    if (mine !== latest) return;
    await ask((worker) =>
      worker.fit(
        request.peek(),
        proxy((now: WallCurve) => {
          if (mine === latest) curve.value = now;
        }),
      ),
    );
  };
  const fit = async (): Promise<void> => {
    const mine = drop('fitting');
    const known = handle !== undefined;
    try {
      await attempt(mine).catch((error: unknown) => {
        if (mine !== latest) return;
        close();
        // A fit in an existing worker may fail because this worker has died. Therefore the fit is tried once more in a
        // new worker.
        if (!known) throw error;
        return attempt(mine);
      });
      if (mine === latest) status.value = 'done';
    } catch (error) {
      if (mine !== latest) return;
      close();
      problem.value = error instanceof Error ? error.message : String(error);
      status.value = 'failed';
    }
  };
  return {
    request,
    curve,
    status,
    problem,
    change: (part) => {
      request.value = { ...request.peek(), ...part };
      const running = status.peek() === 'fitting';
      drop('waiting');
      if (running) void handle?.then(({ ask }) => ask((worker) => worker.stop())).catch(() => {});
      pause = setTimeout(() => void fit(), pauseMs);
    },
    again: () => {
      request.value = { ...request.peek(), seed: request.peek().seed + 1 };
      void fit();
    },
    seen: (visible) => {
      clearTimeout(absence);
      if (visible && status.peek() === 'idle') void fit();
      if (!visible)
        absence = setTimeout(() => {
          if (status.peek() === 'fitting') drop('idle');
          close();
        }, absenceMs);
    },
    end: () => {
      clearTimeout(absence);
      drop('idle');
      close();
    },
  };
};
