import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { Session } from '../state/session-types.ts';
import { lazily } from '../views/lazily.tsx';
import { bringIntoView } from './into-view.ts';
import { Panel } from './panel.tsx';

const BlockDiagram = lazily(async () => (await import('../views/block-diagram.tsx')).BlockDiagram);
const LossChart = lazily(async () => (await import('../views/loss-chart.tsx')).LossChart);
const NormBars = lazily(async () => (await import('../views/norm-bars.tsx')).NormBars);
const SolveChart = lazily(async () => (await import('../views/solve-chart.tsx')).SolveChart);

/**
 * Opens a panel of measurements and scrolls the panel into view. The page first switches to the expert view, because
 * the simple view has only some of the panels.
 */
const reveal = (session: Session, title: string): void => {
  if (session.view.value.level !== 'expert') session.view.value = { ...session.view.value, level: 'expert' };
  requestAnimationFrame(() => {
    const panel = [...document.querySelectorAll<HTMLDetailsElement>('.charts .panel')].find(
      (element) => element.querySelector('h2')?.textContent === title,
    );
    if (panel === undefined) return;
    panel.open = true;
    bringIntoView(panel, 'nearest');
    panel.querySelector('summary')?.focus({ preventScroll: true });
  });
};

/**
 * The loss chart. The code of the chart is loaded only when there are losses, so that loading it does not delay the
 * first training step.
 */
const Losses = ({ session }: { readonly session: Session }): JSX.Element => {
  const some = useComputed(() =>
    session.runs.value.some(({ history }) => history.value.heldOut.length + history.value.steps.length > 0),
  );
  return <div class="loss-place">{some.value ? <LossChart session={session} /> : null}</div>;
};

/**
 * The inside of a block. Before the first step, a block leaves every point where it is, so there is nothing to see, and
 * the code of the diagram is not loaded.
 */
const Block = ({ session }: { readonly session: Session }): JSX.Element => {
  const some = useComputed(() => session.runs.value.some(({ step }) => step.value > 0));
  return some.value ? (
    <BlockDiagram session={session} reveal={(title) => reveal(session, title)} />
  ) : (
    <p class="hint">Train the model to see what happens to a point inside a block.</p>
  );
};

/**
 * Panels with measurements of the models: losses, the internal steps of a block and, in the expert view, norms and the
 * solver.
 */
export const Charts = ({ session }: { readonly session: Session }): JSX.Element => (
  <section class="charts" aria-label="Measurements">
    <Panel title="Loss" open>
      <Losses session={session} />
    </Panel>
    <Panel title="Inside a block" open="wide">
      <Block session={session} />
    </Panel>
    {session.view.value.level === 'expert' ? (
      <>
        <Panel title="Lipschitz norms and their caps" open="wide">
          <NormBars session={session} />
        </Panel>
        <Panel title="How the solver gets there" open="wide">
          <SolveChart session={session} />
        </Panel>
      </>
    ) : null}
  </section>
);
