import { computed, effect, signal } from '@preact/signals';
import { PLACES, TOYS, type Config, type DataChoice, type ModelChoice } from '../config.ts';
import type { DataRequest, DataView, Region } from '../protocol/data.ts';
import type { TrainedOn } from '../protocol/trainer.ts';
import type { RegistryNames, Slot, ViewerWorker } from '../protocol/viewer.ts';
import { pageOf, startKeeping } from './keep-last.ts';
import { lastModel, type Stored } from './last-model.ts';
import { follow, isThere } from './look.ts';
import { lengthOf, openModels, type Kept } from './models.ts';
import { openWorker, type Opened } from './open-worker.ts';
import { MOST_POINTS } from './points-text.ts';
import { startRefresh } from './refresh.ts';
import type { ViewOptions, Notice, Session } from './session-types.ts';
import { isSuperseded } from './trainers.ts';
import { wording } from './wording.ts';

/**
 * Rows of drawn points or of a visitor's table. The page sends these rows to the workers, because workers cannot load
 * such rows.
 */
type OwnRows = Pick<DataRequest, 'columns' | 'colors' | 'skipped'> & { readonly rows: Float32Array };

/** The state that `undo` restores. */
interface Before {
  readonly config: Config;
  readonly own: OwnRows | undefined;
  readonly models: readonly Kept[];
}

/** Largest number of notices on the page. When the limit is reached, a new notice replaces the oldest notice. */
const MOST_NOTICES = 3;

const WORLD: Region = [
  [-4, 4],
  [-4, 4],
];
const NO_NAMES: RegistryNames = { solver: [], logDet: [], activation: [] };

/** Initial state of a page. */
export interface Start {
  readonly config: Config;
  readonly view: ViewOptions;
  /** Points drawn by hand, `[n, 2]`. Absent if the data are not a drawing. */
  readonly drawn?: Float32Array;
  /** Problems of the page's address, as sentences. */
  readonly complaints?: readonly string[];
  /** The part of the opened address that begins with `#`. */
  readonly hash?: string;
}

/** Starts the workers for a configuration and returns the session of the page. */
export const startSession = ({
  config: initial,
  view: initialView,
  drawn,
  complaints = [],
  hash = '',
}: Start): Session => {
  const config = signal(initial);
  const data = signal<DataView | undefined>(undefined);
  const names = signal(NO_NAMES);
  const pauseMs = signal(0);
  const view = signal(initialView);
  const notices = signal<readonly Notice[]>([]);
  const before = signal<Before | undefined>(undefined);
  const region = computed(() => data.value?.region ?? WORLD);
  const own = signal<OwnRows | undefined>(drawn === undefined ? undefined : { rows: drawn });
  let viewer: Promise<Opened<ViewerWorker>> | undefined;
  let seeing: Opened<ViewerWorker> | undefined;
  let lastId = 0;

  const notify = (level: Notice['level'], text: string): void => {
    lastId += 1;
    const others = notices.value.filter((notice) => notice.text !== text);
    notices.value = [...others.slice(1 - MOST_NOTICES), { id: lastId, level, text }];
  };
  const complain = (error: unknown): void => {
    if (!isSuperseded(error)) notify('error', wording(error));
  };

  const requestOf = ({ data: choice, seed }: Config): DataRequest => ({ choice, seed, ...own.value });

  const models = openModels({ config, pauseMs, requestOf, notify, complain, changed: () => refresh.wake() });
  const { trainers, playing, arrange } = models;

  // The worker of the viewer is opened when it is first needed. If the worker dies, a new worker is opened.
  const openViewer = async (plugins: readonly string[]): Promise<Opened<ViewerWorker>> => {
    const opened = await openWorker<ViewerWorker>('viewer', {
      patienceMs: () => 30_000,
      onDeath: () => {
        viewer = undefined;
        seeing = undefined;
        notify('warning', 'The drawing worker stopped and was started again. Training continued.');
        void theViewer().catch(complain);
      },
    });
    names.value = await opened.ask((v) => v.open(plugins));
    data.value = await opened.ask((v) => v.data(requestOf(config.value)));
    seeing = opened;
    refresh.wake();
    return opened;
  };
  const theViewer = (): Promise<Opened<ViewerWorker>> => {
    viewer ??= openViewer(config.value.plugins).catch((error: unknown) => {
      viewer = undefined;
      throw error;
    });
    return viewer;
  };
  const refresh = startRefresh(
    () =>
      seeing === undefined || trainers.value.length === 0
        ? undefined
        : {
            viewer: seeing,
            trainers: trainers.value,
            view: view.value,
            region: region.value,
            inside: [data.value?.points[0] ?? 0, data.value?.points[1] ?? 0],
            playing: playing.value,
          },
    () => {
      setTimeout(() => refresh.wake(), 500);
    },
  );
  effect(() => {
    void [
      view.value,
      playing.value,
      data.value,
      trainers.value.map(({ run }) => (playing.value ? run.status.value : [run.step.value, run.status.value])),
    ];
    refresh.wake();
  });

  // When the visitor chooses a point, its path is computed immediately, with the weights that the pictures show. The
  // path does not wait for the next update of the pictures.
  effect(() => {
    const { point } = view.value;
    for (const trainer of trainers.peek()) {
      const { path } = trainer.run;
      if (path.peek()?.point !== point) path.value = undefined;
      if (
        seeing === undefined ||
        !isThere(trainer) ||
        (trainer.run.map.peek() ?? trainer.run.warp.peek()) === undefined
      )
        continue;
      // If the computation fails because the viewer has died, the next update computes the path.
      void follow(seeing, trainer, point, () => view.value.point).catch(() => {});
    }
  });

  const remember = async (): Promise<Before> => ({ config: config.value, own: own.value, models: await models.kept() });

  /** Returns a copy of a model, with which the model continues in another training. */
  const copyOf = async (slot: Slot): Promise<Partial<Kept> | undefined> => {
    const copy = await trainers.value[slot]?.copy();
    return copy === undefined ? undefined : { copy };
  };

  const refreshData = async (): Promise<void> => {
    const opened = await theViewer();
    data.value = await opened.ask((v) => v.data(requestOf(config.value)));
  };

  /**
   * Changes the training data. All models start a new training on the new data. A model starts from the weights that
   * `keep` returns, or from initial weights if `keep` returns undefined.
   */
  const changeData = async (
    next: Config,
    rows: OwnRows | undefined,
    keep?: (slot: Slot) => Promise<Partial<Kept> | undefined>,
  ): Promise<void> => {
    // The new data are prepared before the current training is discarded, because preparing invalid data throws.
    const opened = await theViewer();
    const described = await opened.ask((v) => v.data({ choice: next.data, seed: next.seed, ...rows }));
    before.value = await remember();
    own.value = rows;
    data.value = described;
    view.value = withoutPoint(view.value);
    await arrange(next, () => true, keep);
    awaited = undefined;
  };

  /**
   * Name and columns of the training data of the last opened model file. Undefined if the page already has these
   * training data.
   */
  let awaited: TrainedOn | undefined;
  /**
   * Changes the data of the page to the data on which the model of a file was trained. If the page does not have these
   * data, or if a second model uses the current data, the page shows a warning instead.
   */
  const showDataOf = async (file: string, trainedOn: TrainedOn): Promise<void> => {
    const { data: shown, models: both } = config.value;
    const wanted = knownData(trainedOn.name);
    const isShown =
      wanted === undefined
        ? trainedOn.name === (shown.kind === 'drawn' ? 'drawn by hand' : shown.name)
        : wanted.name === shown.name && shown.noise === 0 && shown.size === 0;
    if (isShown) return;
    if (wanted !== undefined && both.length === 1) {
      const { value: undone } = before;
      const copy = await copyOf(0);
      await changeData({ ...config.value, data: wanted }, undefined, async () => copy);
      // `undo` must restore the state before the file was opened. The change of the data happened later.
      before.value = undone;
      notify('info', `The page now shows the training data of ${file}: ${wanted.name}.`);
      return;
    }
    if (wanted === undefined) awaited = trainedOn;
    const name = trainedOn.name.slice(0, 60);
    notify(
      'warning',
      `${file} was trained on ${name}${trainedOn.columns.length === 2 ? ` (${trainedOn.columns.join(', ')})` : ''}, ` +
        `and is shown over ${data.value?.name ?? 'other data'}: dots and held-out loss are from the data shown. ` +
        (wanted === undefined ? `Open ${name} as a table to continue on its data.` : `Choose ${name} to see it.`),
    );
  };

  const configure = async (change: Partial<Config>): Promise<void> => {
    const [now, next] = [config.value, { ...config.value, ...change }];
    if (differs(now, next, ['data', 'seed'])) {
      await changeData(next, next.data.kind === 'drawn' || next.data.kind === 'table' ? own.value : undefined);
      return;
    }
    const length = lengthOf(next);
    if (differs(now, next, ['learningRate', 'batch']) || JSON.stringify(lengthOf(now)) !== JSON.stringify(length)) {
      const { learningRate, batch: size } = next;
      if (!differs(now, next, ['models'])) config.value = next;
      await Promise.all(trainers.value.map((trainer) => trainer.change({ learningRate, batch: size, length })));
    }
    // The models move to new workers. If a model cannot train in its new worker, all models continue in their old
    // workers.
    if (differs(now, next, ['backend', 'plugins'])) {
      try {
        await models.move(next);
      } catch (error) {
        const { computing } = trainers.value[0]?.run ?? {};
        throw new Error(
          `The model cannot train there, and continues on ${computing?.value ?? 'the previous backend'}: ${wording(error)}`,
          { cause: error },
        );
      }
    }
    if (differs(now, next, ['race'])) {
      config.value = next;
      if (playing.value) await models.play();
    }
    if (differs(now, next, ['models'])) {
      const changed = (slot: Slot): boolean => JSON.stringify(now.models[slot]) !== JSON.stringify(next.models[slot]);
      if (([0, 1] as const).some((slot) => slot < now.models.length && changed(slot))) before.value = await remember();
      // If a change concerns only the solver or the estimator, the model keeps its weights.
      await arrange(next, changed, async (slot) =>
        sameWeights(now.models[slot], next.models[slot]) ? copyOf(slot) : undefined,
      );
    }
    config.value = next;
  };

  /**
   * Runs the visitor's actions one after another. An action that is requested while workers are starting waits until
   * all earlier actions have ended.
   */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn =
    <Args extends readonly unknown[], R>(action: (...args: Args) => Promise<R>) =>
    (...args: Args): Promise<R> => {
      const result = turn.then(() => action(...args));
      turn = result.catch(() => {});
      return result;
    };
  /**
   * Runs an action after all earlier actions. If the action fails, the page shows a notice with the error, and the
   * promise still resolves.
   */
  const told = <Args extends readonly unknown[]>(action: (...args: Args) => Promise<void>) => {
    const queued = inTurn(action);
    return (...args: Args): Promise<void> => queued(...args).catch(complain);
  };

  const session: Session = {
    config,
    data,
    names,
    playing,
    pauseMs,
    view,
    notices,
    region,
    runs: computed(() => trainers.value.map(({ run }) => run)),
    drawn: computed(() => (config.value.data.kind === 'drawn' ? own.value?.rows : undefined)),
    canUndo: computed(() => before.value !== undefined),
    notify,
    dismiss: (id) => {
      notices.value = notices.value.filter((notice) => notice.id !== id);
    },
    configure: told(configure),
    play: told(models.play),
    pause: told(models.pause),
    step: told(models.step),
    reset: told(async () => {
      before.value = await remember();
      await arrange(config.value, () => true);
    }),
    undo: told(async () => {
      const was = before.value;
      if (was === undefined) return;
      before.value = undefined;
      own.value = was.own;
      await models.restore(was.config, was.models);
      await refreshData();
    }),
    visit: told(async ({ config: next, view: seen, drawn: points }) => {
      const { plugins, backend } = config.value;
      await changeData({ ...next, plugins, backend }, points === undefined ? undefined : { rows: points });
      // Open panels of the page stay open.
      const { level, solves, norms, block } = view.value;
      view.value = {
        ...seen,
        solves,
        norms,
        ...(block === undefined ? {} : { block }),
        level: level === 'expert' ? level : seen.level,
      };
      if (next.play) await models.play();
      else await models.pause();
    }),
    useDrawn: inTurn(async (rows) => {
      await changeData({ ...config.value, data: { kind: 'drawn', name: 'drawn', noise: 0, size: 0 } }, { rows });
      const count = rows.length / 2;
      if (count > MOST_POINTS)
        notify(
          'info',
          `The address of the page holds ${MOST_POINTS} of your ${count} points, chosen evenly. A link with this address opens a drawing of the same shape with fewer points.`,
        );
    }),
    useTable: inTurn(async (name, bytes, choice) => {
      const rows = await (await theViewer()).ask((v) => v.readTable(name, bytes, choice));
      // If this table contains the training data of the opened model file, the training of the model from the file
      // continues.
      const isAwaited = awaited?.name === name && awaited.columns.join('\n') === rows.columns.join('\n');
      await changeData(
        { ...config.value, data: { kind: 'table', name, noise: 0, size: 0 } },
        rows,
        isAwaited ? async (slot) => (slot === 0 ? copyOf(0) : undefined) : undefined,
      );
    }),
    usePlugin: inTurn(async (address) => {
      // A relative URL is resolved against the address of the page, and not against the address of the worker script.
      const plugins = [...config.value.plugins, URL.parse(address, document.baseURI)?.href ?? address];
      const tried = await openWorker<ViewerWorker>('viewer');
      try {
        await tried.ask((v) => v.open(plugins));
      } finally {
        tried.close();
      }
      const old = await theViewer();
      old.close();
      [viewer, seeing] = [undefined, undefined];
      await configure({ plugins });
      await theViewer();
    }),
    exportCheckpoint: inTurn((slot) => trainers.value[slot]!.checkpoint('file')),
    openCheckpoint: inTurn(async (name, bytes) => {
      const { length } = config.value.models;
      const { step, trainedOn } = await models.replaceFirst(bytes.slice(), async () => {
        before.value = await remember();
      });
      if (trainedOn !== undefined) await showDataOf(name, trainedOn);
      notify(
        'info',
        `${name} is open: ${step} steps trained. ` +
          `It replaces the ${length === 1 ? '' : 'first '}model; undo restores that.`,
      );
    }),
    samplesAsCsv: inTurn(async (slot, count) => {
      const opened = await loaded(slot);
      return opened.ask((v) => v.samplesAsCsv(slot, count, 1));
    }),
    refreshed: () => refresh.next(),
    logProb: async (slot, rows) => (await loaded(slot)).ask((v) => v.logProb(slot, rows)),
  };

  /** Loads the current weights of a model into the viewer, and returns the viewer. */
  const loaded = async (slot: Slot): Promise<Opened<ViewerWorker>> => {
    const opened = await theViewer();
    const weights = await trainers.value[slot]!.checkpoint('weights');
    await opened.ask((v) => v.load(slot, weights));
    return opened;
  };

  const last = lastModel();
  /**
   * Returns the models that this tab stored earlier, if the address of the page describes the same models. If the
   * address describes models that differ from the stored models, the stored models become the state that `undo`
   * restores.
   */
  const resume = (stored: Stored | undefined): readonly Kept[] | undefined => {
    const steps = stored?.models[0]?.recorder.history.steps.at(-1) ?? 0;
    if (stored !== undefined && stored.hash === pageOf(hash)) {
      // A tab that an earlier version of the page stored may lack settings that the page has now.
      config.value = { ...initial, ...stored.config, play: initial.play };
      own.value = stored.own;
      notify('info', `This tab continues where it stopped, at about step ${steps}. Reset starts a new training.`);
      return stored.models;
    }
    // A single notice shows all problems of the address.
    if (complaints.length > 0) notify('warning', complaints.join(' '));
    if (stored !== undefined) {
      before.value = { config: { ...initial, ...stored.config }, own: stored.own, models: stored.models };
      notify('info', `Undo restores the earlier training of this tab, ${steps} steps.`);
    }
    return undefined;
  };

  void (async () => {
    const kept = resume(await last.read());
    // The viewer starts in parallel with the trainers, because the workers of the viewer and the trainers load the same
    // files.
    const opening = theViewer();
    opening.catch(() => {});
    if (initial.play) playing.value = true;
    await inTurn(() => (kept === undefined ? arrange(config.value, () => true) : models.restore(config.value, kept)))();
    startKeeping(last, () => ({ config: config.value, own: own.value, trainers: trainers.value }));
    await opening;
  })().catch(complain);
  return session;
};

/** Returns the toy density or the bundled geographic data set of this name. Undefined for any other name. */
const knownData = (name: string): DataChoice | undefined => {
  const isNamed = (names: readonly string[]): boolean => names.includes(name);
  const kind = isNamed(TOYS) ? 'toy' : isNamed(PLACES) ? 'place' : undefined;
  return kind === undefined ? undefined : { kind, name, noise: 0, size: 0 };
};

const differs = (a: Config, b: Config, names: readonly (keyof Config)[]): boolean =>
  names.some((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));

/**
 * Returns whether two models can use the same weights, which means that all their settings except solver and estimator
 * are equal.
 */
const sameWeights = (a: ModelChoice | undefined, b: ModelChoice | undefined): boolean => {
  const weights = ({ solver: _solver, logDet: _logDet, ...rest }: ModelChoice): string => JSON.stringify(rest);
  return a !== undefined && b !== undefined && weights(a) === weights(b);
};

const withoutPoint = ({ point: _point, ...rest }: ViewOptions): ViewOptions => rest;
