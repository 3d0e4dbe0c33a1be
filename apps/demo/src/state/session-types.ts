import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Config } from '../config.ts';
import type { DataView, Region, TableChoice } from '../protocol/data.ts';
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
 * State of a model's worker. `loading`: the worker starts, or builds the model. `recovering`: the worker died, and a
 * new worker starts from the last copy of the model. `failed`: no worker trains the model; a notice on the page gives
 * the reason.
 */
export type RunStatus = 'loading' | 'paused' | 'running' | 'recovering' | 'failed';

/** The losses of a training, thinned to a few thousand numbers. */
export interface History {
  readonly steps: readonly number[];
  /**
   * Mean training losses in nats. Loss `i` is the mean over the steps after `steps[i - 1]`, up to and including
   * `steps[i]`.
   */
  readonly losses: readonly number[];
  /** Total duration in seconds of all training steps up to `steps[i]`. */
  readonly seconds: readonly number[];
  readonly heldOut: readonly HeldOut[];
}

/** One of the models on the page. */
export interface Run {
  readonly slot: Slot;
  readonly status: ReadonlySignal<RunStatus>;
  readonly step: ReadonlySignal<number>;
  readonly stepsPerSecond: ReadonlySignal<number>;
  /** Total duration in seconds of the model's training steps, as far as `history` knows them. */
  readonly seconds: ReadonlySignal<number>;
  /**
   * Whether the training has ended, so that the model has its best weights. If the visitor continues, the value becomes
   * false.
   */
  readonly ended: ReadonlySignal<boolean>;
  /** Number of parameters of the model. */
  readonly parameters: ReadonlySignal<number>;
  readonly computing: ReadonlySignal<string>;
  readonly history: ReadonlySignal<History>;
  /** Mean number of solver steps in the most recent training step that was reported. */
  readonly solverSteps: ReadonlySignal<number | undefined>;
  readonly map: ReadonlySignal<MapImage | undefined>;
  readonly samples: ReadonlySignal<Float32Array | undefined>;
  readonly warp: ReadonlySignal<Warp | undefined>;
  readonly path: ReadonlySignal<PathView | undefined>;
  readonly block: ReadonlySignal<BlockView | undefined>;
  readonly solves: ReadonlySignal<readonly SolveCurve[]>;
  readonly norms: ReadonlySignal<readonly LayerNorm[]>;
}

/**
 * The visitor's choice of what the page shows. The page computes a picture or a measurement only while it shows that
 * picture or measurement.
 */
export interface ViewOptions {
  /** The kind of picture: a map, the warped grid, or data and base side by side. */
  readonly stage: Quantity | 'warp' | 'planes';
  /** Whether the dots of the two planes move by themselves, there and back. */
  readonly moves?: boolean;
  /** Scale of the colors of a density. Default: the scale that suits the data. */
  readonly colors?: 'linear' | 'logarithmic';
  readonly showData: boolean;
  readonly showSamples: boolean;
  /** The point that the visitor has chosen, whose path through the blocks is shown. */
  readonly point?: readonly [number, number];
  readonly solves: boolean;
  readonly norms: boolean;
  /**
   * Index of the block whose internal steps are shown. Undefined while the panel that shows the internal steps is not
   * on screen.
   */
  readonly block?: number;
  /** `simple` hides the choices and measurements that can be understood only with the theory. */
  readonly level: 'simple' | 'expert';
}

/** The settings of an address, which {@link Session.visit} applies to the page. */
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
  /** Points drawn by hand, `[n, 2]`. Undefined if the data are not a drawing. */
  readonly drawn: ReadonlySignal<Float32Array | undefined>;
  /** One run for each model of the configuration. */
  readonly runs: ReadonlySignal<readonly Run[]>;
  readonly playing: ReadonlySignal<boolean>;
  /** Milliseconds to wait between two training steps. 0 means full speed. */
  readonly pauseMs: Signal<number>;
  readonly view: Signal<ViewOptions>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** Whether there is an earlier state that `undo` can restore. */
  readonly canUndo: ReadonlySignal<boolean>;

  /**
   * Changes settings. A change of the learning rate, the batch size, the backend or the kind of race continues the
   * current training. Any other change starts a new training, and `undo` restores the previous state.
   */
  configure(change: Partial<Config>): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  step(): Promise<void>;
  /** Restarts training from the initial weights. The seed does not change. */
  reset(): Promise<void>;
  undo(): Promise<void>;
  dismiss(id: number): void;
  notify(level: Notice['level'], text: string): void;

  /**
   * Applies the settings of an address, as if the page had been opened at this address. `undo` restores the previous
   * state.
   */
  visit(address: Visited): Promise<void>;
  /** Uses points drawn by hand, `[n, 2]`, as the data. @throws for fewer than 10 points. */
  useDrawn(points: Float32Array): Promise<void>;
  useTable(name: string, bytes: Uint8Array, choice: TableChoice): Promise<void>;
  /** Loads a plugin from this site into every worker. @throws if the plugin cannot be loaded. */
  usePlugin(address: string): Promise<void>;

  /** Returns a checkpoint of the model. The command `impflow score` can read the checkpoint. */
  exportCheckpoint(slot: Slot): Promise<Uint8Array>;
  /**
   * Replaces the first model by the model of a file.
   *
   * @throws if the file cannot be used. After this error the current model is unchanged.
   */
  openCheckpoint(name: string, bytes: Uint8Array): Promise<void>;
  /** Updates the pictures. Resolves when the pictures show the current weights, or when the update has failed. */
  refreshed(): Promise<void>;
  samplesAsCsv(slot: Slot, count: number): Promise<string>;
  logProb(slot: Slot, rows: Float32Array): Promise<Float32Array>;
  /** Region of the plane that the pictures show. */
  readonly region: ReadonlySignal<Region>;
}
