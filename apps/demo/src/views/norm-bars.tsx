import type { JSX } from 'preact';
import { fixed } from '../axes.ts';
import type { ModelChoice } from '../config.ts';
import type { Run, Session } from '../state/session-types.ts';
import { amend, identityOf, useOnScreen } from './hooks.ts';
import { blocksOf, normsInWords, type Bar } from './norm-groups.ts';

/**
 * A bar chart of the layers that have a cap on their norm. For each layer, the chart compares the norm with the cap.
 * The norms are computed only while the chart is on screen.
 */
export const NormBars = ({ session }: { readonly session: Session }): JSX.Element => {
  const box = useOnScreen((norms) => amend(session.view, { norms }));
  const runs = session.runs.value;
  return (
    <div class="norm-bars" ref={box}>
      {runs.map((run) => (
        <Norms
          key={identityOf(run)}
          run={run}
          model={session.config.value.models[run.slot]}
          name={runs.length > 1 ? `Model ${'AB'[run.slot]}` : undefined}
        />
      ))}
    </div>
  );
};

/** Returns the text that is shown instead of the bars if no layer has a cap, or if no norm has been computed yet. */
const withoutBars = (model: ModelChoice | undefined): string =>
  model?.kind === 'coupling'
    ? 'A coupling model needs no caps: it has an inverse for all values of its weights.'
    : model?.net === 'sandwich'
      ? `A layer of a sandwich net has no cap: by construction, the slope of each net stays below ${fixed(model.coeff, 2)}.`
      : 'The norms of the layers appear here.';

interface NormsProps {
  readonly run: Run;
  readonly model: ModelChoice | undefined;
  readonly name: string | undefined;
}

const Norms = ({ run, model, name }: NormsProps): JSX.Element => {
  const norms = run.norms.value;
  const title = name === undefined ? null : <h3>{name}</h3>;
  if (norms.length === 0)
    return (
      <div>
        {title}
        <p>{withoutBars(model)}</p>
      </div>
    );
  const widest = Math.max(...norms.map(({ norm, cap }) => Math.max(norm, cap)));
  return (
    <div>
      {title}
      <div class="norm-blocks">
        {blocksOf(norms).map((block) => (
          <div key={block.name} class="norm-block" role="group" aria-label={block.name}>
            <span class="norm-title" aria-hidden="true">
              {block.name}
            </span>
            {block.nets.map((net) => (
              <div key={net.name} class="norm-net">
                <span class="norm-name">
                  <NetName name={net.name} />
                </span>
                <div>
                  {net.bars.map((bar) => (
                    <NormBar
                      key={bar.name}
                      bar={bar}
                      whole={widest * 1.04}
                      name={`${block.name}, ${net.name}, ${bar.name}`}
                    />
                  ))}
                </div>
              </div>
            ))}
          </div>
        ))}
      </div>
      <p>
        The most that each layer of each net can stretch a difference, against the cap (upright mark) that keeps every
        block invertible: training may push a bar to its mark, and not past it. {normsInWords(norms)}
      </p>
    </div>
  );
};

const NormBar = ({
  bar: { norm, cap, above },
  whole,
  name,
}: {
  readonly bar: Bar;
  readonly whole: number;
  readonly name: string;
}): JSX.Element => {
  const share = (value: number): string => `${Math.max(0, Math.min(100, (100 * value) / whole))}%`;
  const said = `${fixed(norm, 4)}, cap ${fixed(cap, 2)}${above ? ', above its cap' : ''}`;
  return (
    <div class={above ? 'norm above' : 'norm'}>
      <div
        class="norm-track"
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={Number(whole.toFixed(4))}
        aria-valuenow={Number(norm.toFixed(4))}
        aria-valuetext={said}
        title={`${name}: ${said}`}
      >
        <div class="norm-fill" style={{ inlineSize: share(norm) }} />
        <div class="norm-cap" style={{ insetInlineStart: share(cap) }} />
      </div>
      <span class="norm-number">
        {fixed(norm, 4)}
        {above && <strong>above cap</strong>}
      </span>
    </div>
  );
};

/**
 * Shows the name of a net. The names `g`, `gx` and `gz` are written as in the formulas, with a subscript. Any other
 * name is shown unchanged.
 */
const NetName = ({ name }: { readonly name: string }): JSX.Element =>
  /^g[xz]?$/.test(name) ? (
    <i>
      g<sub>{name.slice(1)}</sub>
    </i>
  ) : (
    <>{name}</>
  );
