import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Slot } from '../protocol/viewer.ts';
import { RULES } from '../rules.ts';
import type { Session } from '../state/session-types.ts';
import { pictureOf } from '../views/stage.tsx';
import { act } from './act.ts';
import { NumberField, Segments } from './field.tsx';
import { FileButton } from './file-button.tsx';
import { download, readFile, type GivenFile } from './files.ts';
import { LETTERS } from './words.ts';

/** Panel to save and to open files. */
export const FilesPanel = ({
  session,
  open,
}: {
  readonly session: Session;
  readonly open: (file: GivenFile) => void;
}): JSX.Element => {
  const [count, setCount] = useState(1000);
  const [chosen, setSlot] = useState<Slot>(0);
  const two = session.runs.value.length > 1;
  const slot = two ? chosen : 0;
  const name = (kind: string, extension: string): string =>
    `impflow-${kind}${two ? `-${LETTERS[slot].toLowerCase()}` : ''}.${extension}`;
  return (
    <>
      {two ? (
        <Segments
          label="Which model"
          value={LETTERS[slot]}
          options={LETTERS.map((letter) => ({ value: letter, label: letter }))}
          commit={(letter) => setSlot(letter === 'A' ? 0 : 1)}
        />
      ) : null}
      <div class="row">
        <button
          type="button"
          onClick={() =>
            act(session, async () => {
              const bytes = await session.exportCheckpoint(slot);
              download(name('model', 'safetensors'), new Blob([bytes.slice()], { type: 'application/octet-stream' }));
            })
          }
        >
          Save model
        </button>
        <FileButton
          label="Model file"
          accept=".safetensors"
          chosen={(file) => act(session, async () => open(await readFile(file)))}
        >
          Open model…
        </FileButton>
      </div>
      <p class="hint">
        A safetensors file, with the state of training: the one that <code>impflow score</code> and{' '}
        <code>impflow train</code> read and write. It can also be dropped on the page.
      </p>
      <div class="pair">
        <NumberField label="Number of samples" value={count} rule={RULES.samples} commit={setCount} />
        <button
          type="button"
          class="beside"
          onClick={() =>
            act(session, async () => {
              download(
                name('samples', 'csv'),
                new Blob([await session.samplesAsCsv(slot, count)], { type: 'text/csv' }),
              );
            })
          }
        >
          Save samples
        </button>
      </div>
      <button
        type="button"
        class="alone"
        onClick={() =>
          act(session, async () => {
            await session.refreshed();
            download(name(PICTURES[session.view.value.stage], 'png'), await pictureOf(slot));
          })
        }
      >
        Save picture
      </button>
    </>
  );
};

/** Names of the kinds of pictures, for the file names of saved pictures. */
const PICTURES = {
  density: 'density',
  logDet: 'log-det',
  steps: 'solver-steps',
  warp: 'grid',
  planes: 'planes',
} as const;
