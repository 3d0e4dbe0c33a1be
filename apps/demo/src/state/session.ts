import { computed, effect, signal } from '@preact/signals';
import type { Config } from '../config.ts';
import type { DataRequest, DataView, Region } from '../protocol/data.ts';
import type { RegistryNames, Slot, ViewerWorker } from '../protocol/viewer.ts';
import { follow, isThere } from './look.ts';
import { openModels, type Kept } from './models.ts';
import { openWorker, type Opened } from './open-worker.ts';
import { startRefresh } from './refresh.ts';
import type { ViewOptions, Notice, Session } from './session-types.ts';
import { isSuperseded } from './trainers.ts';
import { wording } from './wording.ts';

/** Rows that a worker cannot load itself. */
type OwnRows = Pick<DataRequest, 'columns' | 'colors' | 'skipped'> & { readonly rows: Float32Array };

/** The state that a reset discards, for `undo`. */
interface Before {
  readonly config: Config;
  readonly own: OwnRows | undefined;
  readonly models: readonly Kept[];
}

/** Most notices at a time: a newer one takes the place of the oldest. */
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
  /** The data, if they are drawn points. */
  readonly drawn?: Float32Array;
}

/** Starts the workers for a configuration and returns the session of the page. */
export const startSession = ({ config: initial, view: initialView, drawn }: Start): Session => {
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

  // The viewer is opened when first needed, and again after its death.
  const openViewer = async (plugins: readonly string[]): Promise<Opened<ViewerWorker>> => {
    const opened = await openWorker<ViewerWorker>('viewer', {
      patienceMs: () => 30_000,
      onDeath: () => {
        viewer = undefined;
        seeing = undefined;
        notify('warning', 'The worker that draws stopped, and was started again. Training went on.');
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
        : { viewer: seeing, trainers: trainers.value, view: view.value, region: region.value, playing: playing.value },
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

  // A chosen point is answered at once, with the weights that the pictures show, not after the next look.
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
      // If the viewer has just died, the next look answers.
      void follow(seeing, trainer, point, () => view.value.point).catch(() => {});
    }
  });

  const remember = async (): Promise<Before> => ({ config: config.value, own: own.value, models: await models.kept() });

  const refreshData = async (): Promise<void> => {
    const opened = await theViewer();
    data.value = await opened.ask((v) => v.data(requestOf(config.value)));
  };

  /** Changes the data under the same models: all trainings start again. */
  const changeData = async (next: Config, rows: OwnRows | undefined): Promise<void> => {
    // First check that these data can be used; only then discard anything.
    const opened = await theViewer();
    const described = await opened.ask((v) => v.data({ choice: next.data, seed: next.seed, ...rows }));
    before.value = await remember();
    own.value = rows;
    data.value = described;
    view.value = withoutPoint(view.value);
    await arrange(next, () => true);
  };

  const configure = async (change: Partial<Config>): Promise<void> => {
    const [now, next] = [config.value, { ...config.value, ...change }];
    if (differs(now, next, ['data', 'seed'])) {
      await changeData(next, next.data.kind === 'drawn' || next.data.kind === 'table' ? own.value : undefined);
      return;
    }
    if (differs(now, next, ['learningRate', 'batch'])) {
      config.value = next;
      await Promise.all(
        trainers.value.map((trainer) => trainer.change({ learningRate: next.learningRate, batch: next.batch })),
      );
    }
    if (differs(now, next, ['backend', 'plugins'])) {
      // The weights move to the other worker.
      const copies = await Promise.all(trainers.value.map((trainer) => trainer.copy()));
      await arrange(
        next,
        () => true,
        async (slot) => copies[slot],
      );
    }
    if (differs(now, next, ['models'])) {
      const changed = (slot: Slot): boolean => JSON.stringify(now.models[slot]) !== JSON.stringify(next.models[slot]);
      if (([0, 1] as const).some((slot) => slot < now.models.length && changed(slot))) before.value = await remember();
      await arrange(next, changed);
    }
    config.value = next;
  };

  /** Runs one action at a time: clicks while workers start wait in this queue. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn =
    <Args extends readonly unknown[], R>(action: (...args: Args) => Promise<R>) =>
    (...args: Args): Promise<R> => {
      const result = turn.then(() => action(...args));
      turn = result.catch(() => {});
      return result;
    };
  /** Runs an action without a caller that handles errors: a failure becomes a notice. */
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
    useDrawn: inTurn(async (rows) =>
      changeData({ ...config.value, data: { kind: 'drawn', name: 'drawn', noise: 0, size: 0 } }, { rows }),
    ),
    previewTable: async (name, bytes) => (await theViewer()).ask((v) => v.previewTable(name, bytes)),
    useTable: inTurn(async (name, bytes, choice) => {
      const rows = await (await theViewer()).ask((v) => v.readTable(name, bytes, choice));
      await changeData({ ...config.value, data: { kind: 'table', name, noise: 0, size: 0 } }, rows);
    }),
    usePlugin: inTurn(async (address) => {
      // Relative to the page, which the visitor sees, not to the worker script.
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
    exportCheckpoint: inTurn((slot) => trainers.value[slot]!.checkpoint('whole')),
    openCheckpoint: inTurn(async (name, bytes) => {
      const { length } = config.value.models;
      const step = await models.replaceFirst(bytes.slice(), async () => {
        before.value = await remember();
      });
      notify(
        'info',
        `${name} is open: ${step} steps trained. ` +
          `It takes the place of the ${length === 1 ? '' : 'first '}model; undo brings that back.`,
      );
    }),
    samplesAsCsv: inTurn(async (slot, count) => {
      const opened = await loaded(slot);
      return opened.ask((v) => v.samplesAsCsv(slot, count, 1));
    }),
    refreshed: () => refresh.next(),
    logProb: async (slot, rows) => (await loaded(slot)).ask((v) => v.logProb(slot, rows)),
  };

  /** Returns the viewer, loaded with the current weights. */
  const loaded = async (slot: Slot): Promise<Opened<ViewerWorker>> => {
    const opened = await theViewer();
    const weights = await trainers.value[slot]!.checkpoint('weights');
    await opened.ask((v) => v.load(slot, weights));
    return opened;
  };

  void (async () => {
    // In parallel: the viewer's worker loads the same files.
    const opening = theViewer();
    opening.catch(() => {});
    if (initial.play) playing.value = true;
    await inTurn(() => arrange(initial, () => true))();
    await opening;
  })().catch(complain);
  return session;
};

const differs = (a: Config, b: Config, names: readonly (keyof Config)[]): boolean =>
  names.some((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));

const withoutPoint = ({ point: _point, ...rest }: ViewOptions): ViewOptions => rest;
