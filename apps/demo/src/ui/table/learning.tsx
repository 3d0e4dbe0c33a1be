import { proxy } from 'comlink';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LearnedTable, LearnProgress } from '../../protocol/table.ts';
import type { Session } from '../../state/session-types.ts';
import { wording } from '../../state/wording.ts';
import type { GivenFile } from '../files.ts';
import type { LearnRequest } from '../table-columns.tsx';
import { Studio } from './studio.tsx';
import { useTableWorker, type OpenedTable } from './table-worker.ts';

/** Shows how a model learns a table, and then the learned table. */
export const Learning = ({
  session,
  file,
  request: { pair, ...choice },
  unsaved,
  back,
}: {
  readonly session: Session;
  readonly file: GivenFile;
  readonly request: LearnRequest;
  /** Whether closing the dialog would lose a model. */
  readonly unsaved: { current: boolean };
  /** Returns to the choice of columns. `problem` is a sentence for the visitor. */
  readonly back: (problem?: string) => void;
}): JSX.Element => {
  const { worker } = useTableWorker();
  const [progress, setProgress] = useState<LearnProgress>({ share: 0, text: 'Reading the table…' });
  const [ready, setReady] = useState<{ readonly opened: OpenedTable; readonly table: LearnedTable }>();
  useEffect(() => {
    let current = true;
    // The model of the page would take half of the processor time.
    const resumes = session.playing.value;
    if (resumes) void session.pause();
    const learn = async (): Promise<void> => {
      const opened = await worker;
      const told = proxy((now: LearnProgress): void => {
        if (current) setProgress(now);
      });
      const table = await opened.ask((w) => w.learn({ name: file.name, bytes: file.bytes.slice() }, choice, told));
      if (!current) return;
      unsaved.current = true;
      setReady({ opened, table });
    };
    learn().catch((error: unknown) => {
      if (current) back(wording(error));
    });
    return () => {
      current = false;
      unsaved.current = false;
      if (resumes) void session.play();
    };
  }, []);
  if (ready !== undefined)
    return (
      <Studio
        opened={ready.opened}
        table={ready.table}
        name={file.name}
        pair={pair}
        command={commandOf(file.name, choice)}
        saved={() => {
          unsaved.current = false;
        }}
        back={() => back()}
      />
    );
  return <Progress progress={progress} stop={() => back()} />;
};

const Progress = ({
  progress: { share, text },
  stop,
}: {
  readonly progress: LearnProgress;
  readonly stop: () => void;
}): JSX.Element => {
  const button = useRef<HTMLButtonElement>(null);
  // The button that started the training is gone, so the focus would be lost.
  useEffect(() => button.current?.focus(), []);
  return (
    <div class="learning">
      <p>
        <label for="learning">Learning the table</label>
      </p>
      <progress id="learning" max={1} value={share} />
      <p class="hint">{text}</p>
      <footer>
        <button type="button" ref={button} onClick={stop}>
          Stop
        </button>
      </footer>
    </div>
  );
};

/** Returns the command that computes the same model. */
const commandOf = (file: string, { columns, seconds, steps, seed }: Omit<LearnRequest, 'pair'>): string =>
  [
    `impflow train --data ${quoted(file)}`,
    `--columns ${quoted(columns.join(','))}`,
    '--missing impute',
    steps > 0 ? `--steps ${steps}` : `--seconds ${seconds}`,
    `--seed ${seed}`,
    '--workers 1',
  ].join(' ');

const quoted = (text: string): string => (/^[\w.,-]+$/.test(text) ? text : `"${text}"`);
