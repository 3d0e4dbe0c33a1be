import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { fixed, format } from '../axes.ts';
import type { BlockView } from '../protocol/viewer.ts';
import type { Run, Session } from '../state/session-types.ts';
import { BlockPicture } from './block-picture.tsx';
import { amend, identityOf, useOnScreen } from './hooks.ts';

/** Milliseconds for which slow motion highlights each part of a block. */
const STAY_MS = 1800;

/**
 * Shows the internal steps of a block for one point. During training the numbers are updated. Slow motion highlights
 * the steps one after another.
 */
export const BlockDiagram = ({
  session,
  reveal,
}: {
  readonly session: Session;
  readonly reveal: (title: string) => void;
}): JSX.Element => {
  const which = useSignal(0);
  const seen = useSignal(false);
  const box = useOnScreen((visible) => {
    seen.value = visible;
  });
  useSignalEffect(() => {
    if (seen.value) amend(session.view, { block: which.value });
    else {
      const { block: _block, ...rest } = session.view.peek();
      if (_block !== undefined) session.view.value = rest;
    }
  });
  const runs = session.runs.value;
  return (
    <div class="block-diagram" ref={box}>
      {runs.map((run) => (
        <Diagram
          key={identityOf(run)}
          run={run}
          name={runs.length > 1 ? `Model ${'AB'[run.slot]}` : undefined}
          choose={(block) => {
            which.value = block;
          }}
          reveal={reveal}
        />
      ))}
    </div>
  );
};

const Diagram = ({
  run,
  name,
  choose,
  reveal,
}: {
  readonly run: Run;
  readonly name: string | undefined;
  readonly choose: (block: number) => void;
  readonly reveal: (title: string) => void;
}): JSX.Element => {
  const walking = useSignal<number | undefined>(undefined);
  const view = run.block.value;
  const parts = useComputed(() => (run.block.value === undefined ? [] : partsOf(run.block.value)));
  useSignalEffect(() => {
    if (walking.value === undefined) return undefined;
    const timer = setTimeout(() => {
      const next = (walking.peek() ?? 0) + 1;
      walking.value = next < parts.peek().length ? next : undefined;
    }, STAY_MS);
    return () => clearTimeout(timer);
  });
  if (view === undefined)
    return <p class="hint">A block that shifts or solves appears here; a coupling model has none.</p>;
  // Before its first step, a block leaves every point where it is.
  if (view.step === 0)
    return (
      <p class="hint">
        {name === undefined ? '' : `${name}: `}
        Train the model to see what happens to a point inside a block.
      </p>
    );
  const at = walking.value;
  return (
    <>
      {name === undefined ? null : <h3>{name}</h3>}
      <div class="row">
        <button
          type="button"
          class="small"
          disabled={view.which === 0}
          onClick={() => choose(view.which - 1)}
          aria-label="Block before"
        >
          ‹
        </button>
        <span>
          {view.label} of {view.count}
        </span>
        <button
          type="button"
          class="small"
          disabled={view.which === view.count - 1}
          onClick={() => choose(view.which + 1)}
          aria-label="Next block"
        >
          ›
        </button>
        <button
          type="button"
          class="small"
          onClick={() => {
            walking.value = at === undefined ? 0 : undefined;
          }}
        >
          {at === undefined ? 'Slow motion' : 'Stop'}
        </button>
      </div>
      <BlockPicture view={view} now={at} />
      <ol class="block-parts" aria-live={at === undefined ? 'off' : 'polite'}>
        {parts.value.map((part, i) => (
          <li key={part.title} data-now={at === i} data-kind={part.kind}>
            {part.panel === undefined ? (
              <span class="part-name">{part.name}</span>
            ) : (
              <button
                type="button"
                class="quiet part-name"
                title={`Opens “${part.panel}”`}
                onClick={() => reveal(part.panel!)}
              >
                {part.name}
              </button>
            )}
            <output>{part.value}</output>
            <p>{part.words}</p>
          </li>
        ))}
      </ol>
    </>
  );
};

interface Part {
  readonly title: string;
  readonly kind: 'point' | 'net' | 'solver';
  readonly name: ComponentChildren;
  readonly value: string;
  readonly words: string;
  /** Title of the panel that shows details of this part of the block. */
  readonly panel?: string;
}

const NORMS = 'Lipschitz norms and their caps';
const SOLVER = 'How the solver gets there';

const X = <i>x</i>;
const Z = <i>z</i>;
const W = <i>w</i>;
const net = (letter: string, of: ComponentChildren): JSX.Element => (
  <span>
    <i>g</i>
    <sub>{letter}</sub>({of})
  </span>
);

/** Returns the parts of a block, in the order in which a point passes through them. */
const partsOf = (view: BlockView): readonly Part[] => {
  const { kind, x, z, gx, gz, slope } = view;
  const enters: Part = { title: 'x', kind: 'point', name: X, value: place(x), words: 'The point enters the block.' };
  const leaves: Part = {
    title: 'z',
    kind: 'point',
    name: Z,
    value: place(z),
    words: `The point leaves. The block stretches ${fixed(slope, 2)} times here${slope > 2 ? ': more than any residual block can' : ''}.`,
  };
  if (kind === 'monotone')
    return [
      enters,
      solverPart(
        view,
        'w',
        <span>
          solve {W} + <i>g</i>({W}) = 2{X}
        </span>,
      ),
      {
        title: 'g',
        kind: 'net',
        name: (
          <span>
            <i>g</i>({W})
          </span>
        ),
        value: place(gx.value),
        words: `The net, at the solution w. Its slope here is ${fixed(gx.slope, 2)}, and below 1 everywhere.`,
        panel: NORMS,
      },
      {
        ...leaves,
        name: (
          <span>
            {Z} = {W} - {X}
          </span>
        ),
      },
    ];
  const first: Part = {
    title: 'gx',
    kind: 'net',
    name:
      kind === 'implicit' ? (
        net('x', X)
      ) : (
        <span>
          <i>g</i>({X})
        </span>
      ),
    value: place(gx.value),
    words: `A net computes the shift. Its slope here is ${fixed(gx.slope, 2)}, and below 1 everywhere.`,
    panel: NORMS,
  };
  const sum: Part = {
    title: 'sum',
    kind: 'point',
    name: (
      <span>
        {X} + {first.name}
      </span>
    ),
    value: place([x[0] + gx.value[0], x[1] + gx.value[1]]),
    words:
      kind === 'implicit'
        ? 'A residual block would end here.'
        : `Here the point leaves. The block stretches ${fixed(slope, 2)} times here, and less than 2 times everywhere.`,
  };
  if (kind !== 'implicit' || gz === undefined) return [enters, first, sum];
  return [
    enters,
    first,
    sum,
    solverPart(
      view,
      'z',
      <span>
        solve {Z} + {net('z', Z)} = …
      </span>,
    ),
    {
      title: 'gz',
      kind: 'net',
      name: net('z', Z),
      value: place(gz.value),
      words: `The second net, at the solution. Its slope here is ${fixed(gz.slope, 2)}.`,
      panel: NORMS,
    },
    leaves,
  ];
};

/** Returns the part of a block that solves an equation for `unknown`. */
const solverPart = ({ solver, residuals = [] }: BlockView, unknown: string, name: JSX.Element): Part => {
  const steps = Math.max(0, residuals.length - 1);
  return {
    title: 'solver',
    kind: 'solver',
    name,
    value: `${steps} ${steps === 1 ? 'step' : 'steps'}`,
    words: `${solver ?? 'The solver'} looks for the ${unknown} that makes both sides equal: the difference is ${residuals.map((r) => format(r, 1)).join(', ')}.`,
    panel: SOLVER,
  };
};

const place = ([a, b]: readonly [number, number]): string => `${fixed(a, 2)}, ${fixed(b, 2)}`;
