import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Config, ModelChoice } from '../config.ts';
import { equalized } from '../state/parameters.ts';
import type { Session } from '../state/session-types.ts';

/**
 * State of the controls: the session, and the visitor's settings, including changes that the session has not applied
 * yet.
 */
export interface Controls {
  readonly session: Session;
  /** The settings that the controls show. */
  readonly config: ReadonlySignal<Config>;
  /**
   * Changes settings. `change` receives the current settings, including all earlier changes, and returns the changed
   * settings.
   */
  edit(change: (config: Config) => Partial<Config>): void;
}

/**
 * Returns the state of the controls. The session applies one change at a time, and a change may take about a second
 * because workers start. While a change is applied, a control must show the new value, and a further change must not
 * undo earlier changes.
 */
export const controlsOf = <S extends Pick<Session, 'config' | 'configure'>>(
  session: S,
): Omit<Controls, 'session'> & { readonly session: S } => {
  const wanted = signal<Config | undefined>(undefined);
  let pending = 0;
  const config = computed(() => wanted.value ?? session.config.value);
  return {
    session,
    config,
    edit: (change) => {
      const part = change(config.peek());
      wanted.value = { ...config.peek(), ...part };
      pending += 1;
      void session.configure(part).finally(() => {
        pending -= 1;
        if (pending === 0) wanted.value = undefined;
      });
    },
  };
};

/**
 * Changes one of the models. With `equalParameters` a change of the first model also adapts the number of blocks and
 * the widths of the second model.
 */
export const editModel = (
  { edit }: Pick<Controls, 'edit'>,
  slot: number,
  change: (model: ModelChoice) => ModelChoice,
): void =>
  edit(({ models, equalParameters }) => {
    const next = models.map((model, i) => (i === slot ? change(model) : model));
    return { models: equalParameters ? equalized(followed(models, next)) : next };
  });

/**
 * Adapts the second model after a change of the first model. If the number of blocks of the first model has changed,
 * the second model gets the same number of blocks.
 */
const followed = (before: readonly ModelChoice[], [first, second]: readonly ModelChoice[]): readonly ModelChoice[] => {
  if (first === undefined || second === undefined) return first === undefined ? [] : [first];
  return [first, first.blocks === before[0]?.blocks ? second : { ...second, blocks: first.blocks }];
};
