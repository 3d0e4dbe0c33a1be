import type { JSX } from 'preact';
import { PLACES, TOYS } from '../config.ts';
import { PLACE_WORDS, TOY_WORDS } from '../labels.ts';
import { thumbnailPoints } from './thumbnail-points.js';

/** A list with a picture of each data set. The visitor chooses the data in this list. */
export const Thumbnails = ({
  value,
  choose,
}: {
  /** Name of the chosen data set. Undefined if the data are a drawing or a table of the visitor. */
  readonly value: string | undefined;
  readonly choose: (name: string) => void;
}): JSX.Element => (
  <div class="thumbnails" role="group" aria-label="Data sets">
    {[...TOYS, ...PLACES].map((name) => {
      const words = TOY_WORDS[name] ?? PLACE_WORDS[name] ?? name;
      return (
        <button
          key={name}
          type="button"
          aria-pressed={value === name}
          aria-label={words}
          title={words}
          onClick={() => choose(name)}
        >
          <svg viewBox="-8 -8 272 272" aria-hidden="true">
            <path d={pathOf(name)} />
          </svg>
        </button>
      );
    })}
  </div>
);

/** Returns a path with a line of length 0 at each point. Round line caps turn these lines into discs. */
const pathOf = (name: string): string => {
  const known = paths.get(name);
  if (known !== undefined) return known;
  const bytes = Uint8Array.from(atob(thumbnailPoints[name] ?? ''), (letter) => letter.codePointAt(0)!);
  let path = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) path += `M${bytes[i]} ${bytes[i + 1]}h0`;
  paths.set(name, path);
  return path;
};
const paths = new Map<string, string>();
