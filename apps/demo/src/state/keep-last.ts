import type { Config } from '../config.ts';
import type { LastModel, Stored } from './last-model.ts';
import type { Trainer } from './trainers.ts';
import { DEFAULT_VIEW, toHash } from './url.ts';

/** The state of the page that is stored in the browser. */
interface KeepInput {
  readonly config: Config;
  readonly own: Stored['own'];
  readonly trainers: readonly Trainer[];
}

/**
 * Interval between two checks for new copies of the models, in milliseconds. If the browser discards a tab, the
 * training since the last stored copy is lost. The lost training time is at most this interval plus the interval
 * between two copies of a model.
 */
const LOOK_MS = 2000;

/**
 * Returns the part of a URL hash that determines the models on the page. Display settings are removed.
 */
export const pageOf = (hash: string): string =>
  hash
    .replace(/^#/, '')
    .split('&')
    .filter((pair) => pair !== '' && !/^(show|colors|points|samples|at|play|view|scene|tour)=/.test(pair))
    .join('&');

/** Returns the part of the page's URL hash that is stored with the models. */
const pageOfConfig = ({ config, own }: Omit<KeepInput, 'trainers'>): string =>
  pageOf(toHash(config, DEFAULT_VIEW, config.data.kind === 'drawn' ? own?.rows : undefined));

/**
 * Stores the trainers' copies of the models whenever these copies have changed. If leaving the page would lose a
 * training, the browser asks the visitor for confirmation.
 */
export const startKeeping = (last: LastModel, input: () => KeepInput): void => {
  let kept = '';
  let failed = false;
  let turn: Promise<unknown> = Promise.resolve();
  const stepsOf = (trainers: readonly Trainer[]): number[] => trainers.map((trainer) => trainer.kept()?.step ?? 0);

  const keep = async (): Promise<void> => {
    const { config, own, trainers } = input();
    const copies = trainers.map((trainer) => ({ copy: trainer.kept()?.bytes, recorder: trainer.run.recorder.value }));
    const steps = stepsOf(trainers);
    // The models are not stored if the page uses plugins. Plugin code runs only after the visitor has confirmed the
    // plugin, so a reload could not restore a model that needs a plugin.
    if (config.plugins.length > 0 || steps.every((step) => step === 0)) return;
    const models = copies.flatMap(({ copy, recorder }) => (copy === undefined ? [] : [{ copy, recorder }]));
    if (models.length < trainers.length) return;
    const hash = pageOfConfig({ config, own });
    const state = `${hash} ${steps.join(' ')}`;
    if (state === kept) return;
    failed = !(await last.write({ hash, config, own, models }));
    if (!failed) kept = state;
  };
  const queued = (): void => {
    turn = turn.then(keep);
  };
  setInterval(queued, LOOK_MS);
  document.addEventListener('visibilitychange', queued);
  addEventListener('pagehide', queued);
  addEventListener('beforeunload', (event) => {
    const { config, trainers } = input();
    const trained = trainers.some(({ run }) => run.step.value > 0);
    if (trained && (failed || config.plugins.length > 0)) event.preventDefault();
  });
};
