import type { Config } from '../config.ts';
import type { DataRequest } from '../protocol/data.ts';
import type { Recorder } from './history.ts';

// Stores the models of this tab in IndexedDB, so that a reloaded or discarded tab continues its training.

/** The state of the page that a reload restores. */
export interface Stored {
  /**
   * The part of the page's URL hash that determines the models. The stored models are restored only if this part of the
   * hash is unchanged in the reloaded page.
   */
  readonly hash: string;
  readonly config: Config;
  readonly own: (Pick<DataRequest, 'columns' | 'colors' | 'skipped'> & { readonly rows: Float32Array }) | undefined;
  readonly models: readonly {
    /** A checkpoint with the weights and the state of the optimizer. */
    readonly copy: Uint8Array;
    readonly recorder: Recorder;
  }[];
}

/** The storage of the models of one tab. */
export interface LastModel {
  /**
   * Returns the state that this tab has stored. Undefined if the tab has stored no state, or if the browser offers no
   * storage.
   */
  read(): Promise<Stored | undefined>;
  /** Stores the models. Resolves with true on success, and with false on failure. */
  write(stored: Stored): Promise<boolean>;
}

/** Largest number of bytes that a tab stores. The limit keeps the page from filling the disk. */
const MOST_BYTES = 2 ** 26;
/** Largest number of tabs whose models are kept in the storage. */
const MOST_TABS = 4;
const [DATABASE, STORE, TAB] = ['impflow', 'last-models', 'impflow-tab'] as const;

interface Entry {
  readonly tab: string;
  readonly at: number;
  readonly stored: Stored;
}

/** Opens the storage of this tab. The name of the tab survives a reload and differs from the names of other tabs. */
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

/** Deletes the stored models of all tabs except the {@link MOST_TABS} tabs that stored their models most recently. */
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
