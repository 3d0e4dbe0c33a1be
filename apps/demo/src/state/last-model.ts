import type { Config } from '../config.ts';
import type { DataRequest } from '../protocol/data.ts';
import type { Recorder } from './history.ts';

// The models of this tab in the browser's own storage, so that a reloaded or discarded tab continues its training.

/** The state that a reload restores. */
export interface Stored {
  /** The address of the page, from `#` on: another address is another page. */
  readonly hash: string;
  readonly config: Config;
  readonly own: (Pick<DataRequest, 'columns' | 'colors' | 'skipped'> & { readonly rows: Float32Array }) | undefined;
  readonly models: readonly {
    /** A whole checkpoint. */
    readonly copy: Uint8Array;
    readonly recorder: Recorder;
  }[];
}

/** The storage of one tab. */
export interface LastModel {
  /** What this tab stored before; undefined if it stored nothing, or if the browser cannot store. */
  read(): Promise<Stored | undefined>;
  /** Resolves with true if the models are stored, else with false. */
  write(stored: Stored): Promise<boolean>;
}

/** Largest size of what a tab stores, in bytes: a training of one hour is worth less than a full disk. */
const MOST_BYTES = 2 ** 26;
/** Number of tabs whose models are kept. */
const MOST_TABS = 4;
const [DATABASE, STORE, TAB] = ['impflow', 'last-models', 'impflow-tab'] as const;

interface Entry {
  readonly tab: string;
  readonly at: number;
  readonly stored: Stored;
}

/** The storage of this tab: its name survives a reload, and no other tab has it. */
export const lastModel = (): LastModel => {
  const tab = nameOfTab();
  return {
    read: async () => {
      if (tab === undefined || tab.isNew) return undefined;
      try {
        const entry = await inStore('readonly', (store) => store.get(tab.name));
        return (entry as Entry | undefined)?.stored;
      } catch {
        return undefined;
      }
    },
    write: async (stored) => {
      const bytes = stored.models.reduce((sum, { copy }) => sum + copy.length, 0) + (stored.own?.rows.byteLength ?? 0);
      if (tab === undefined || bytes > MOST_BYTES) return false;
      try {
        await inStore('readwrite', (store) => store.put({ tab: tab.name, at: Date.now(), stored } satisfies Entry));
        await forgetOthers();
        return true;
      } catch {
        return false;
      }
    },
  };
};

const nameOfTab = (): { readonly name: string; readonly isNew: boolean } | undefined => {
  try {
    const known = sessionStorage.getItem(TAB);
    if (known !== null) return { name: known, isNew: false };
    const name = `${Date.now()} ${performance.now()}`;
    sessionStorage.setItem(TAB, name);
    return { name, isNew: true };
  } catch {
    return undefined;
  }
};

/** Removes all but the latest tabs. */
const forgetOthers = async (): Promise<void> => {
  const tabs = (await inStore('readonly', (store) => store.index('at').getAllKeys())) as readonly string[];
  for (const old of tabs.slice(0, -MOST_TABS)) await inStore('readwrite', (store) => store.delete(old));
};

const inStore = async <T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
  const database = await opened();
  try {
    return await promised(use(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
};

const opened = (): Promise<IDBDatabase> => {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () => {
    request.result.createObjectStore(STORE, { keyPath: 'tab' }).createIndex('at', 'at');
  });
  return promised(request);
};

const promised = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('The browser stores nothing.')));
  });
