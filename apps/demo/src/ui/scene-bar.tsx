import type { JSX } from 'preact';
import type { Scene } from '../scenes.ts';

/** Links that open the scenes of the page, each by its address. */
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
              // If the visitor opens the link in a new tab or window, the browser follows the link, and its address
              // opens the scene.
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
