import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Config, ModelChoice } from '../config.ts';
import { equalized } from '../state/parameters.ts';
import type { Session } from '../state/session-types.ts';

/**
 * State of the controls: the session, and the choices as the visitor made them, even if the session has not applied the
 * last ones yet.
 */
export interface Controls {
  readonly session: Session;
  /** The choices to show. */
  readonly config: ReadonlySignal<Config>;
  /** Changes choices; `change` receives them with all earlier changes applied. */
  edit(change: (config: Config) => Partial<Config>): void;
}

/**
 * The session applies one change at a time, which takes about a second while workers start. Meanwhile a control must
 * neither jump back nor undo earlier changes.
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

/** Changes one of the models. With equal parameters the second model follows: its blocks and its widths. */
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
 * The models after a change of the first model. If its number of blocks has changed, the second model gets the same
 * number.
 */
const followed = (before: readonly ModelChoice[], [first, second]: readonly ModelChoice[]): readonly ModelChoice[] => {
  if (first === undefined || second === undefined) return first === undefined ? [] : [first];
  return [first, first.blocks === before[0]?.blocks ? second : { ...second, blocks: first.blocks }];
};
