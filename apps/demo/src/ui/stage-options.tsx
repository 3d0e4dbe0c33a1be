import type { JSX } from 'preact';
import type { ViewOptions, Session } from '../state/session-types.ts';
import { scaleOf } from '../views/color-scale.ts';
import { Check, Segments } from './field.tsx';

const STAGES: readonly { readonly value: ViewOptions['stage']; readonly label: string; readonly title: string }[] = [
  { value: 'density', label: 'Density', title: 'What the model has learned (1)' },
  { value: 'planes', label: 'Two planes', title: 'The data and the Gaussian side by side (5)' },
  { value: 'logDet', label: 'Stretching', title: 'How much the model stretches the plane: log |det J| (2)' },
  { value: 'steps', label: 'Solver steps', title: 'How much work each point takes (3)' },
  { value: 'warp', label: 'Warped grid', title: 'How the blocks bend the plane (4)' },
];

/** Controls with which the visitor chooses the kind of picture and what is drawn over the picture. */
export const StageOptions = ({ session }: { readonly session: Session }): JSX.Element => {
  const { stage, showData, showSamples } = session.view.value;
  const change = (part: Partial<ViewOptions>): void => {
    session.view.value = { ...session.view.value, ...part };
  };
  return (
    <div class="stage-options row">
      <Segments
        label="The picture shows"
        hidden
        value={stage}
        options={STAGES}
        commit={(value) => change({ stage: value })}
      />
      {stage === 'planes' ? null : (
        <div class="row checks">
          {stage === 'density' ? (
            <Check
              label="Log colors"
              checked={scaleOf(session.view.value, session.data.value) === 'logarithmic'}
              commit={(checked) => change({ colors: checked ? 'logarithmic' : 'linear' })}
            />
          ) : null}
          <Check label="Data" checked={showData} commit={(checked) => change({ showData: checked })} />
          <Check label="Samples" checked={showSamples} commit={(checked) => change({ showSamples: checked })} />
        </div>
      )}
    </div>
  );
};
