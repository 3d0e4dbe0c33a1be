import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Config } from '../config.ts';
import type { DataView, Region, TableChoice, TablePreview } from '../protocol/data.ts';
import type {
  BlockView,
  HeldOut,
  LayerNorm,
  MapImage,
  PathView,
  Quantity,
  RegistryNames,
  Slot,
  SolveCurve,
  Warp,
} from '../protocol/viewer.ts';

/**
 * `loading`: the worker starts or builds the model. `recovering`: the worker died, and another continues from the last
 * copy. `failed`: the notices give the reason.
 */
export type RunStatus = 'loading' | 'paused' | 'running' | 'recovering' | 'failed';

/** Loss curve so far, thinned to a few thousand numbers. */
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
  /** Seconds that its steps have taken since it started on this page. */
  readonly seconds: ReadonlySignal<number>;
  /** Number of parameters of the model as built. */
  readonly parameters: ReadonlySignal<number>;
  readonly computing: ReadonlySignal<string>;
  readonly history: ReadonlySignal<History>;
  /** Mean solver steps of the last training steps. */
  readonly solverSteps: ReadonlySignal<number | undefined>;
  readonly map: ReadonlySignal<MapImage | undefined>;
  readonly samples: ReadonlySignal<Float32Array | undefined>;
  readonly warp: ReadonlySignal<Warp | undefined>;
  readonly path: ReadonlySignal<PathView | undefined>;
  readonly block: ReadonlySignal<BlockView | undefined>;
  readonly solves: ReadonlySignal<readonly SolveCurve[]>;
  readonly norms: ReadonlySignal<readonly LayerNorm[]>;
}

/** What the page shows; nothing else is computed. */
export interface ViewOptions {
  /** The picture on the stage: a map, the warped grid, or data and base side by side. */
  readonly stage: Quantity | 'warp' | 'planes';
  readonly showData: boolean;
  readonly showSamples: boolean;
  /** A clicked point whose path is shown. */
  readonly point?: readonly [number, number];
  readonly solves: boolean;
  readonly norms: boolean;
  /** Index of the block whose inside is shown; undefined while no block is on screen. */
  readonly block?: number;
  /** `simple` leaves out the choices and measurements that need the theory. */
  readonly level: 'simple' | 'expert';
}

/** What an address says. */
interface Visited {
  readonly config: Config;
  readonly view: ViewOptions;
  readonly drawn?: Float32Array;
}

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The state of the page and all its actions. Components read the signals and call the functions. */
export interface Session {
  readonly config: ReadonlySignal<Config>;
  readonly data: ReadonlySignal<DataView | undefined>;
  readonly names: ReadonlySignal<RegistryNames>;
  /** Points drawn by hand, `[n, 2]`, if they are the data. */
  readonly drawn: ReadonlySignal<Float32Array | undefined>;
  /** One run for each model of the configuration. */
  readonly runs: ReadonlySignal<readonly Run[]>;
  readonly playing: ReadonlySignal<boolean>;
  /** Milliseconds between two steps; 0: full speed. */
  readonly pauseMs: Signal<number>;
  readonly view: Signal<ViewOptions>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** Whether `undo` can restore the state before the last reset. */
  readonly canUndo: ReadonlySignal<boolean>;

  /**
   * Changes a choice. Learning rate and batch size apply to the current run; any other change starts a new run (and can
   * be undone).
   */
  configure(change: Partial<Config>): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  /** Starts training again from the initial weights, with the same seed. */
  reset(): Promise<void>;
  undo(): Promise<void>;
  dismiss(id: number): void;
  notify(level: Notice['level'], text: string): void;

  /** Applies an address, as if it had been opened. Undo restores the state before. */
  visit(address: Visited): Promise<void>;
  /** Uses points drawn by hand, `[n, 2]`, as the data. @throws for fewer than 10. */
  useDrawn(points: Float32Array): Promise<void>;
  previewTable(name: string, bytes: Uint8Array): Promise<TablePreview>;
  useTable(name: string, bytes: Uint8Array, choice: TableChoice): Promise<void>;
  /** Loads a plugin of this site into every worker. @throws if it cannot be loaded. */
  usePlugin(address: string): Promise<void>;

  /** The checkpoint that `impflow score` reads. */
  exportCheckpoint(slot: Slot): Promise<Uint8Array>;
  /**
   * Replaces the first model by a file from disk. @throws if the file cannot be used; the current run is then
   * unchanged.
   */
  openCheckpoint(name: string, bytes: Uint8Array): Promise<void>;
  /** Resolves when the pictures show the current weights, or slightly older weights if the update fails. */
  refreshed(): Promise<void>;
  samplesAsCsv(slot: Slot, count: number): Promise<string>;
  logProb(slot: Slot, rows: Float32Array): Promise<Float32Array>;
  /** What the stage shows. */
  readonly region: ReadonlySignal<Region>;
}
