import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { KIND_WORDS } from './labels.ts';
import { scenesOf, sceneShown, type Scene } from './scenes.ts';
import { encodePoints } from './state/points-text.ts';
import type { Run, Session } from './state/session-types.ts';
import { fromHash } from './state/url.ts';
import type { StationName } from './station-names.ts';
import { hasOwnPicture, setMachine } from './tour/stations.ts';
import { About, Footer } from './ui/about.tsx';
import { act } from './ui/act.ts';
import { Charts } from './ui/charts.tsx';
import { controlsOf, type Controls } from './ui/controls.ts';
import { DataPanel } from './ui/data-panel.tsx';
import { Dialog } from './ui/dialog.tsx';
import { DropTarget } from './ui/drop.tsx';
import { FilesPanel } from './ui/files-panel.tsx';
import { isModel, type GivenFile } from './ui/files.ts';
import { Header } from './ui/header.tsx';
import { bringIntoView } from './ui/into-view.ts';
import { keyActions, listenToKeys } from './ui/keys.ts';
import { ModelPanel } from './ui/model-panel.tsx';
import { Notices } from './ui/notices.tsx';
import { openModelFile } from './ui/open-model-file.ts';
import { Panel } from './ui/panel.tsx';
import { SceneBar, SceneWords } from './ui/scene-bar.tsx';
import { StageOptions } from './ui/stage-options.tsx';
import { useSticky } from './ui/sticky.ts';
import { keep, recall, startTheme } from './ui/theme.ts';
import { Readout, Transport } from './ui/transport.tsx';
import { blocksInWords, LETTERS, modelName } from './ui/words.ts';
import { emptyDrawing } from './views/drawing.ts';
import { identityOf } from './views/hooks.ts';
import { lazily } from './views/lazily.tsx';
import { Stage } from './views/stage.tsx';
import type { WallHandle } from './views/wall-fits.ts';
import './styles/index.css';

const HelpDialog = lazily(async () => (await import('./ui/help-dialog.tsx')).HelpDialog);
const PluginPanel = lazily(async () => (await import('./ui/plugin-panel.tsx')).PluginPanel);
const RunDialog = lazily(async () => (await import('./ui/table/run-dialog.tsx')).RunDialog);
const TableDialog = lazily(async () => (await import('./ui/table-dialog.tsx')).TableDialog);
const DrawPad = lazily(async () => (await import('./views/draw-pad.tsx')).DrawPad);
const TrainingPanel = lazily(async () => (await import('./ui/training-panel.tsx')).TrainingPanel);
const RaceScore = lazily(async () => (await import('./ui/race-score.tsx')).RaceScore);
const Tour = lazily(async () => (await import('./tour/tour.tsx')).Tour);
const OwnPicture = lazily(async () => (await import('./tour/own-picture.tsx')).OwnPicture);

const KEYS = 'impflow-keys';
const scenes = scenesOf(encodePoints);

/** The dialog that is open on the page. The dialog `table` may show a file, and `run` shows a model of a table. */
type Open =
  | { readonly what: 'help' }
  | { readonly what: 'draw' }
  | { readonly what: 'table'; readonly file: GivenFile | undefined }
  | { readonly what: 'run'; readonly file: GivenFile };

/** The whole page of the playground. */
export const App = ({
  session,
  alone,
  openWall,
  dialog,
  tour,
}: {
  readonly session: Session;
  /** Whether the training started by itself, and no tap and no key has stopped it yet. */
  readonly alone: ReadonlySignal<boolean>;
  readonly openWall: () => Promise<WallHandle>;
  /** The dialog that the page's address asks to open. */
  readonly dialog?: 'table' | undefined;
  /** The station of the tour that the page's address asks to open. */
  readonly tour?: StationName | undefined;
}): JSX.Element => {
  const controls = useMemo(() => controlsOf(session), [session]);
  const theme = useMemo(startTheme, []);
  const open = useSignal<Open | undefined>(dialog === undefined ? undefined : { what: 'table', file: undefined });
  const drawing = useSignal(emptyDrawing);
  const station = useSignal<StationName | undefined>(undefined);
  const keysOn = useSignal(recall(KEYS) !== 'off');
  const close = (): void => {
    open.value = undefined;
  };
  const help = (): void => {
    open.value = { what: 'help' };
  };
  const draw = (): void => {
    open.value = { what: 'draw' };
  };
  const openTable = (): void => {
    open.value = { what: 'table', file: undefined };
  };
  const actions = useMemo(() => keyActions(session, help), [session]);
  useEffect(() => listenToKeys(actions, () => keysOn.value), [actions]);
  useEffect(() => keysOn.subscribe((on) => keep(KEYS, on ? 'on' : 'off')), []);
  useEffect(() => theme.stop, []);

  const openRun = (file: GivenFile): void => {
    open.value = { what: 'run', file };
  };
  const openFile = (file: GivenFile): void => {
    if (isModel(file.name)) act(session, () => openModelFile(session, file, openRun));
    else open.value = { what: 'table', file };
  };
  const go = (to: StationName | undefined): void => {
    station.value = to;
    // The button that began the tour can have the focus again when the card of the tour is gone, in the next frame.
    if (to === undefined) requestAnimationFrame(() => document.querySelector<HTMLElement>('.take-tour')?.focus());
    else void setMachine(session, to);
    scrollTo({ top: 0 });
  };
  useEffect(() => {
    if (tour !== undefined) go(tour);
  }, []);
  const openScene = ({ hash }: Scene): void => {
    station.value = undefined;
    const { open: dialog, ...address } = fromHash(hash);
    if (dialog === 'table') openTable();
    else {
      void session.visit(address);
      // On a phone the scenes are below the picture.
      if (matchMedia('(max-width: 699px)').matches) bringIntoView(document.querySelector('.workbench'));
    }
  };
  const at = station.value;
  const two = session.runs.value.length > 1;
  return (
    <>
      <Header session={session} theme={theme} help={help} tour={() => go('cloud')} />
      <main data-tour={at}>
        {at === undefined ? null : <Tour station={at} go={go} />}
        {at !== undefined && hasOwnPicture(at) ? <OwnPicture key={at} station={at} openWall={openWall} /> : null}
        <div class="workbench" data-two={two} hidden={at !== undefined && hasOwnPicture(at)}>
          <div class="bar">
            <Transport session={session} />
            <StageOptions session={session} />
          </div>
          <Stages controls={controls} alone={alone} />
          <Choices controls={controls} openScene={openScene} draw={draw} openTable={openTable} openFile={openFile} />
          <Charts session={session} />
        </div>
        <div class="below">
          <About tour={() => go('wall')} />
        </div>
      </main>
      <Footer />
      <Notices session={session} />
      <DropTarget session={session} open={openFile} openRun={openRun} />
      {open.value?.what === 'help' ? <HelpDialog actions={actions} keysOn={keysOn} closed={close} /> : null}
      {open.value?.what === 'draw' ? (
        <Dialog
          title="Draw your own"
          closed={() => {
            drawing.value = emptyDrawing;
            close();
          }}
          discards={() =>
            drawing.value.points.length === 0 ? undefined : `the drawing of ${drawing.value.points.length / 2} points`
          }
        >
          {(dismiss) => <DrawPad session={session} close={dismiss} drawing={drawing} />}
        </Dialog>
      ) : null}
      {open.value?.what === 'run' ? (
        <RunDialog key={identityOf(open.value.file)} file={open.value.file} closed={close} />
      ) : null}
      {open.value?.what === 'table' ? (
        <TableDialog key={open.value.file?.name} session={session} given={open.value.file} closed={close} />
      ) : null}
    </>
  );
};

interface StagesProps {
  readonly controls: Controls;
  /** Whether the training started by itself, and no tap and no key has stopped it yet. */
  readonly alone: ReadonlySignal<boolean>;
}

/** The pictures of the models. */
const Stages = ({ controls, alone }: StagesProps): JSX.Element => {
  const { session } = controls;
  const runs = session.runs.value;
  const element = useSticky();
  return (
    <section class="stages" ref={element} aria-label="What the model does">
      <SceneWords scene={sceneShown(scenes, session.config.value, session.view.value)} />
      {runs.length > 1 ? <RaceScore session={session} /> : null}
      <div class="pictures">
        {runs.map((run) => (
          <Picture
            key={run.slot}
            controls={controls}
            alone={alone}
            run={run}
            letter={runs.length > 1 ? LETTERS[run.slot] : undefined}
          />
        ))}
      </div>
    </section>
  );
};

const Picture = ({
  controls: { session },
  alone,
  run,
  letter,
}: StagesProps & { readonly run: Run; readonly letter: string | undefined }): JSX.Element => {
  const model = session.config.value.models[run.slot];
  const expert = session.view.value.level === 'expert';
  const status = statusOf(run);
  return (
    <article class="picture" data-slot={run.slot}>
      <header>
        <h2>
          {letter === undefined ? null : <span class="letter">{letter}</span>}
          {model === undefined
            ? 'Model'
            : expert
              ? modelName(model)
              : `${KIND_WORDS[model.kind].label} model, ${blocksInWords(model)}`}
        </h2>
        <p class="hint">
          {alone.value
            ? 'A tap or a key stops it'
            : expert
              ? `${status} ${run.computing.value}`
              : status.replace(/ on$/, '')}
        </p>
        <Readout run={run} />
      </header>
      <Stage session={session} run={run} />
    </article>
  );
};

const statusOf = ({ ended, status }: Run): string =>
  ended.value && status.value === 'paused' ? 'Trained on' : STATUS[status.value];

const STATUS = {
  loading: 'Starting',
  paused: 'Paused on',
  running: 'Training on',
  recovering: 'Recovering on',
  failed: 'Stopped on',
} as const;

const Choices = ({
  controls,
  openScene,
  draw,
  openTable,
  openFile,
}: {
  readonly controls: Controls;
  readonly openScene: (scene: Scene) => void;
  readonly draw: () => void;
  readonly openTable: () => void;
  readonly openFile: (file: GivenFile) => void;
}): JSX.Element => {
  const expert = controls.session.view.value.level === 'expert';
  return (
    <section class="choices" aria-label="Choices">
      <Panel title="Data" open="wide">
        <DataPanel controls={controls} draw={draw} openTable={openTable} />
      </Panel>
      <Panel title="Scenes" open>
        <SceneBar
          scenes={scenes}
          shown={sceneShown(scenes, controls.session.config.value, controls.session.view.value)}
          open={openScene}
        />
      </Panel>
      <Panel title="Model" open="wide">
        <ModelPanel controls={controls} />
      </Panel>
      {expert ? (
        <Panel title="Training" open="wide">
          <TrainingPanel controls={controls} />
        </Panel>
      ) : null}
      <Panel key={`files ${expert}`} title="Files" open={expert ? 'wide' : false}>
        <FilesPanel session={controls.session} open={openFile} />
      </Panel>
      {expert ? (
        <Panel title="Plugins" open={false}>
          <PluginPanel controls={controls} />
        </Panel>
      ) : null}
    </section>
  );
};
