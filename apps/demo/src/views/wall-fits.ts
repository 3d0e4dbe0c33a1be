import { signal, type ReadonlySignal } from '@preact/signals';
import { proxy, type Remote } from 'comlink';
import type { WallCurve, WallRequest, WallWorker } from '../protocol/wall.ts';

/** A worker of the wall's own. */
export interface WallHandle {
  /** The answer of a call. Rejects where the worker has died or dies meanwhile. */
  ask<R>(call: (worker: Remote<WallWorker>) => R): Promise<Awaited<R>>;
  close(): void;
}

/** `idle`: nothing was asked for yet. `waiting`: the visitor is still choosing. */
export type WallStatus = 'idle' | 'waiting' | 'fitting' | 'done' | 'failed';

/** What is fitted on the page, and the worker that fits it. */
export interface WallFits {
  readonly request: ReadonlySignal<WallRequest>;
  /** How far the fit of the present request has come. */
  readonly curve: ReadonlySignal<WallCurve | undefined>;
  readonly status: ReadonlySignal<WallStatus>;
  /** Why a fit failed. */
  readonly problem: ReadonlySignal<string>;
  /** Another function or other caps: ends the fit under way, and fits anew after a pause. */
  change(part: Partial<Omit<WallRequest, 'seed'>>): void;
  /** From other random weights. */
  again(): void;
  /** Whether the visitor sees the wall. The first time begins the first fit; the worker goes when it was out of sight for long. */
  seen(visible: boolean): void;
  end(): void;
}

export interface WallPatience {
  /** A slider rests so long, in milliseconds, before a fit begins. Default 300. */
  readonly pauseMs?: number;
  /** The worker goes after so many milliseconds out of sight. Default a minute. */
  readonly absenceMs?: number;
}

const FIRST: WallRequest = { slope: 10, width: 0.5, coeff: 0.99, seed: 0 };

/** `open` starts a worker: when the first fit begins, and when the last one has died or gone. */
export const wallFits = (open: () => Promise<WallHandle>, { pauseMs = 300, absenceMs = 60_000 }: WallPatience = {}): WallFits => {
  const request = signal(FIRST);
  const curve = signal<WallCurve | undefined>(undefined);
  const status = signal<WallStatus>('idle');
  const problem = signal('');
  let handle: Promise<WallHandle> | undefined;
  /** Of the latest fit: what comes from an earlier one is let go. */
  let latest = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let absence: ReturnType<typeof setTimeout> | undefined;

  const close = (): void => {
    void handle?.then((opened) => opened.close(), () => {});
    handle = undefined;
  };
  /** Forgets the fit under way. */
  const drop = (next: WallStatus): number => {
    clearTimeout(pause);
    curve.value = undefined;
    status.value = next;
    return latest += 1;
  };
  const attempt = async (mine: number): Promise<void> => {
    const { ask } = await (handle ??= open());
    if (mine !== latest) return;
    await ask((worker) => worker.fit(request.peek(), proxy((now: WallCurve) => { if (mine === latest) curve.value = now; })));
  };
  const fit = async (): Promise<void> => {
    const mine = drop('fitting');
    const known = handle !== undefined;
    try {
      await attempt(mine).catch((error: unknown) => {
        if (mine !== latest) return;
        close();
        // A worker that was there before may have died of anything: the next one gets its chance.
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
    request, curve, status, problem,
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
      if (!visible) absence = setTimeout(() => {
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
