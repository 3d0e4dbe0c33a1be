import type { JSX } from 'preact';

/**
 * SVG paths of the icons, in a box of 16 by 16 units. A path that begins with `~` is drawn as a line, all other paths
 * are filled.
 */
const PATHS = {
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 2.5h3v11H4zM9 2.5h3v11H9z',
  step: 'M3 2.5v11l7-5.5zM11 2.5h2.2v11H11z',
  slow: '~M8 3.2a5 5 0 1 0 5 5M8 8.2V4.6M8 8.2l2.6 1.6',
  reset: '~M12.6 6.2A5 5 0 1 0 13 8.6M13 2.6v3.8H9.2',
  undo: '~M3.2 6.6h6a3.4 3.4 0 0 1 0 6.8H6M6 3.6l-3 3 3 3',
  sun: '~M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13',
  moon: 'M13.6 10A6 6 0 0 1 6 2.4a6 6 0 1 0 7.6 7.6z',
} as const;

export const Icon = ({ name }: { readonly name: keyof typeof PATHS }): JSX.Element => {
  const path = PATHS[name];
  const drawn = path.startsWith('~');
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d={drawn ? path.slice(1) : path}
        fill={drawn ? 'none' : 'currentColor'}
        stroke={drawn ? 'currentColor' : 'none'}
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
};
