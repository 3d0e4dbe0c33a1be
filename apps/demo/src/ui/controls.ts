import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Config, ModelChoice } from '../config.ts';
import { equalised } from '../state/parameters.ts';
import type { Session } from '../state/session-types.ts';

/** What the controls of the page work on: the session, and the choices as the visitor has made them, of which the last may still be on their way. */
export interface Controls {
  readonly session: Session;
  /** The choices to show. */
  readonly config: ReadonlySignal<Config>;
  /** Changes choices; `change` gets them with all earlier changes in them. */
  edit(change: (config: Config) => Partial<Config>): void;
}

/** The session takes one change at a time, and while workers start that may be a second: a control must neither jump back meanwhile, nor undo what was changed before it. */
export const controlsOf = <S extends Pick<Session, 'config' | 'configure'>>(session: S): Omit<Controls, 'session'> & { readonly session: S } => {
  const wanted = signal<Config | undefined>(undefined);
  let pending = 0;
  const config = computed(() => wanted.value ?? session.config.value);
  return {
    session, config,
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

/** Changes one of the models; under equal parameters the second follows. */
export const editModel = ({ edit }: Pick<Controls, 'edit'>, slot: number, change: (model: ModelChoice) => ModelChoice): void => edit(({ models, equalParameters }) => {
  const next = models.map((model, i) => (i === slot ? change(model) : model));
  return { models: equalParameters ? equalised(next) : next };
});
