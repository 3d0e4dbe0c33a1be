import type { JSX } from 'preact';
import type { Session } from '../state/session-types.ts';
import { Icon } from './icon.tsx';
import type { ThemeSwitch } from './theme.ts';

export const Header = ({
  session: { view },
  theme: { dark, toggle },
  help,
  tour,
}: {
  readonly session: Session;
  readonly theme: ThemeSwitch;
  readonly help: () => void;
  readonly tour: () => void;
}): JSX.Element => (
  <header class="page-header">
    <h1>ImpFlow</h1>
    <p>The dots are data. The model learns where such dots are likely: the lighter a place, the likelier.</p>
    <button type="button" class="take-tour" onClick={tour}>
      Take the tour
    </button>
    <div class="row">
      <button
        type="button"
        class="quiet"
        aria-pressed={view.value.level === 'expert'}
        title="All choices and measurements"
        onClick={() => {
          view.value = { ...view.value, level: view.value.level === 'expert' ? 'simple' : 'expert' };
        }}
      >
        Expert view
      </button>
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
