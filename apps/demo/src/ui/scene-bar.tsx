import type { JSX } from 'preact';
import type { Scene } from '../scenes.ts';

/** A row of links that open the scenes of the page, which are prepared settings. */
export const SceneBar = ({
  scenes,
  open,
}: {
  readonly scenes: readonly Scene[];
  readonly open: (scene: Scene) => void;
}): JSX.Element => (
  <nav class="scenes" aria-label="Scenes">
    <ul>
      {scenes.map((scene) => (
        <li key={scene.name}>
          <a
            href={scene.hash}
            title={scene.words}
            onClick={(event) => {
              // If the visitor opens the link in a new tab or window, this handler does nothing. The new page then
              // opens the scene by its address.
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              open(scene);
            }}
          >
            {scene.name}
          </a>
        </li>
      ))}
    </ul>
  </nav>
);
