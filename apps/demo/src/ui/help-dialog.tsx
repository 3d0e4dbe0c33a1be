import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Dialog } from './dialog.tsx';
import { Check } from './field.tsx';
import type { KeyAction } from './keys.ts';

export const HelpDialog = ({
  actions,
  keysOn,
  closed,
}: {
  readonly actions: readonly KeyAction[];
  readonly keysOn: Signal<boolean>;
  readonly closed: () => void;
}): JSX.Element => (
  <Dialog title="Help" closed={closed}>
    {(dismiss) => (
      <>
        <p>
          Press play: the model learns where the points come from, here in this browser. Click into the picture to
          follow a point through the blocks and back. The tour explains why; each scene shows one thing;{' '}
          <q>Expert view</q> adds all choices and measurements.
        </p>
        <p>
          Nothing is sent anywhere. The address of the page holds your choices: copy it to share them. It holds a
          drawing too, but never a table. The browser keeps the last model of this tab, so that a reload continues with
          it; Reset starts a new training, and Undo restores the old one. After the first visit the page works offline
          as well.
        </p>
        <h3>Keys</h3>
        <dl class="keys">
          {actions.map(({ cap, words }) => (
            <div key={cap}>
              <dt>
                <kbd>{cap}</kbd>
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <p class="hint">They act while the focus is outside of text fields, lists, sliders and dialogs.</p>
        <Check
          label="Use these keys"
          checked={keysOn.value}
          commit={(checked) => {
            keysOn.value = checked;
          }}
        />
        <footer>
          <button type="button" class="primary" onClick={dismiss}>
            Close
          </button>
        </footer>
      </>
    )}
  </Dialog>
);
