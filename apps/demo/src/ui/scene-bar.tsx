import type { JSX } from 'preact';
import type { Scene } from '../scenes.ts';

/**
 * The scenes, which are prepared settings of the page. Each scene is a link with a sentence about what the visitor
 * sees in it. `shown` is the scene that the page shows.
 */
export const SceneBar = ({
  scenes,
  shown,
  open,
}: {
  readonly scenes: readonly Scene[];
  readonly shown: Scene | undefined;
  readonly open: (scene: Scene) => void;
}): JSX.Element => (
  <nav class="scenes" aria-label="Scenes">
    <ul>
      {scenes.map((scene, i) => (
        <li key={scene.name}>
          <a
            href={scene.hash}
            aria-describedby={`scene-${i}`}
            aria-current={scene.name === shown?.name ? 'true' : undefined}
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
          <p id={`scene-${i}`}>{scene.words}</p>
        </li>
      ))}
    </ul>
  </nav>
);

/** The sentence of the scene that the page shows, next to the pictures. */
export const SceneWords = ({ scene }: { readonly scene: Scene | undefined }): JSX.Element | null =>
  scene === undefined ? null : (
    <p class="scene-words">
      <strong>{scene.name}.</strong> {scene.words}
    </p>
  );
