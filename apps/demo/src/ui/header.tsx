import type { JSX } from 'preact';
import { Icon } from './icon.tsx';
import type { ThemeSwitch } from './theme.ts';

export const Header = ({
  theme: { dark, toggle },
  help,
}: {
  readonly theme: ThemeSwitch;
  readonly help: () => void;
}): JSX.Element => (
  <header class="page-header">
    <h1>ImpFlow</h1>
    <p>Train an implicit normalizing flow in your browser, and see what it does.</p>
    <div class="row">
      <button type="button" class="quiet" aria-pressed={dark.value} onClick={toggle} title="Dark theme">
        <Icon name={dark.value ? 'sun' : 'moon'} />
        <span class="visually-hidden">Dark theme</span>
      </button>
      <button type="button" class="quiet" onClick={help} title="What the keys do (?)">
        Help
      </button>
    </div>
  </header>
);
