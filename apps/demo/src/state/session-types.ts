import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Config } from '../config.ts';
import type { DataView, Region, TablePreview } from '../protocol/data.ts';
import type { HeldOut, LayerNorm, MapImage, PathView, Quantity, RegistryNames, Slot, SolveCurve, Warp } from '../protocol/viewer.ts';

/** `loading`: the worker starts or builds the model. `recovering`: it died, and another takes over from the last copy. `failed`: see the notices. */
export type RunStatus = 'loading' | 'paused' | 'running' | 'recovering' | 'failed';

/** The loss so far, thinned out so that an hour of training stays a few thousand numbers. */
export interface History {
  readonly steps: readonly number[];
  /** Mean training loss over the steps up to each of `steps`, nats. */
  readonly losses: readonly number[];
  readonly heldOut: readonly HeldOut[];
}

/** One of the models on the page. */
export interface Run {
  readonly slot: Slot;
  readonly status: ReadonlySignal<RunStatus>;
  readonly step: ReadonlySignal<number>;
  readonly stepsPerSecond: ReadonlySignal<number>;
  /** Of the model as built. */
  readonly parameters: ReadonlySignal<number>;
  readonly computing: ReadonlySignal<string>;
  readonly history: ReadonlySignal<History>;
  /** Mean solver steps of the last training steps. */
  readonly solverSteps: ReadonlySignal<number | undefined>;
  readonly map: ReadonlySignal<MapImage | undefined>;
  readonly samples: ReadonlySignal<Float32Array | undefined>;
  readonly warp: ReadonlySignal<Warp | undefined>;
  readonly path: ReadonlySignal<PathView | undefined>;
  readonly solves: ReadonlySignal<readonly SolveCurve[]>;
  readonly norms: ReadonlySignal<readonly LayerNorm[]>;
}

/** What is looked at: only that is computed. */
export interface Look {
  /** The picture on the stage: a map, or the warped grid. */
  readonly stage: Quantity | 'warp';
  readonly showData: boolean;
  readonly showSamples: boolean;
  /** A clicked point whose way is followed. */
  readonly point?: readonly [number, number];
  readonly solves: boolean;
  readonly norms: boolean;
}

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The page's state and everything that can be done to it. Components read the signals and call the functions. */
export interface Session {
  readonly config: ReadonlySignal<Config>;
  readonly data: ReadonlySignal<DataView | undefined>;
  readonly names: ReadonlySignal<RegistryNames>;
  /** Points drawn by hand, `[n, 2]`, where these are the data. */
  readonly drawn: ReadonlySignal<Float32Array | undefined>;
  /** As many as the configuration has models. */
  readonly runs: ReadonlySignal<readonly Run[]>;
  readonly playing: ReadonlySignal<boolean>;
  /** Milliseconds between two steps; 0: full speed. */
  readonly pauseMs: Signal<number>;
  readonly look: Signal<Look>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** Whether `undo` can bring back what the last reset threw away. */
  readonly canUndo: ReadonlySignal<boolean>;

  /** Changes a choice. Learning rate and batch size apply to the run under way; anything else begins anew (and can be undone). */
  configure(change: Partial<Config>): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  /** Fresh weights under the same seed. */
  reset(): Promise<void>;
  undo(): Promise<void>;
  dismiss(id: number): void;
  notify(level: Notice['level'], text: string): void;

  /** Points drawn by hand, `[n, 2]`, become the data. @throws for fewer than 10. */
  useDrawn(points: Float32Array): Promise<void>;
  previewTable(name: string, bytes: Uint8Array): Promise<TablePreview>;
  useTable(name: string, bytes: Uint8Array, columns: readonly [string, string]): Promise<void>;
  /** Adds a plugin of this site to every worker. @throws where it cannot be had. */
  usePlugin(address: string): Promise<void>;

  /** The file that `impflow score` reads. */
  exportCheckpoint(slot: Slot): Promise<Uint8Array>;
  /** A file from disk takes the place of the first model. @throws for one that will not do; the run under way stays as it is. */
  openCheckpoint(name: string, bytes: Uint8Array): Promise<void>;
  samplesAsCsv(slot: Slot, count: number): Promise<string>;
  logProb(slot: Slot, rows: Float32Array): Promise<Float32Array>;
  /** What the stage shows. */
  readonly region: ReadonlySignal<Region>;
}
