import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { wording } from '../state/wording.ts';
import type { Controls } from './controls.ts';
import { Confirm } from './dialog.tsx';

/** Panel to load a plugin. Third-party code is loaded only after the visitor has typed its address and confirmed it. */
export const PluginPanel = ({ controls: { session, config } }: { readonly controls: Controls }): JSX.Element => {
  const id = useId();
  const [text, setText] = useState('');
  const [asking, setAsking] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [loading, setLoading] = useState(false);
  const ask = (event: Event): void => {
    event.preventDefault();
    const address = addressOf(text);
    setProblem('problem' in address ? address.problem : undefined);
    if ('value' in address) setAsking(address.value);
  };
  const load = async (address: string): Promise<void> => {
    setLoading(true);
    try {
      await session.usePlugin(address);
      setText('');
      session.notify(
        'info',
        'The plugin is loaded: its solvers, estimators and activations are in the lists of the model.',
      );
    } catch (error) {
      setProblem(wording(error));
    } finally {
      setLoading(false);
    }
  };
  const { plugins } = config.value;
  return (
    <form class="field" onSubmit={ask}>
      <label for={id}>Address of a module on this site</label>
      <div class="row">
        <input
          id={id}
          type="text"
          inputMode="url"
          autocomplete="off"
          spellcheck={false}
          placeholder="plugins/my-solver.js"
          value={text}
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={problem === undefined ? `${id}-hint` : `${id}-problem ${id}-hint`}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={loading}>
          {loading ? 'Loading…' : 'Load…'}
        </button>
      </div>
      {problem === undefined ? null : (
        <p class="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
      <p class="hint" id={`${id}-hint`}>
        A plugin adds solvers, estimators or activations. Its code runs in this page’s workers and can do whatever the
        page can: load only what you trust.
      </p>
      {plugins.length === 0 ? null : (
        <ul class="plugins">
          {plugins.map((address) => (
            <li key={address}>
              <code>{address}</code>
            </li>
          ))}
        </ul>
      )}
      {asking === undefined ? null : (
        <Confirm
          question={`Run code from ${asking}?`}
          yes="Run it"
          closed={() => setAsking(undefined)}
          confirmed={() => void load(asking)}
          explanation={
            <p>The module at this address will run in the workers of this page, now and until the page is closed.</p>
          }
        />
      )}
    </form>
  );
};

/**
 * Returns the full address of a module on this site, or an error message. Modules on other sites are refused, as the
 * security policy of the page requires.
 */
const addressOf = (text: string): { readonly value: string } | { readonly problem: string } => {
  if (text.trim() === '') return { problem: 'Type the address of a module, such as plugins/my-solver.js.' };
  const address = URL.canParse(text.trim(), location.href) ? new URL(text.trim(), location.href) : undefined;
  if (address === undefined) return { problem: 'That is no address.' };
  return address.origin === location.origin
    ? { value: address.href }
    : { problem: `The module must be on this site, ${location.origin}: the page refuses code from other sites.` };
};
