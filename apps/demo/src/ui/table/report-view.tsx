import type { Report } from 'impflow';
import type { JSX } from 'preact';
import { fixed } from '../../axes.ts';
import { grouped } from '../words.ts';

/** The report of a training: what won, by how much, how the columns were read, and the remarks. */
export const ReportView = ({
  report: { won, heldOut, rivals, columns, remarks, steps, bestStep, time, parameters, backend },
  command,
}: {
  readonly report: Report;
  /** The command that computes the same model. Absent for an opened run. */
  readonly command: string | undefined;
}): JSX.Element => (
  <details class="report" open={command === undefined}>
    <summary>Report: {won}</summary>
    <p>
      Loss on {grouped(heldOut.rows)} test rows: {fixed(heldOut.nats, 3)} ± {fixed(heldOut.standardError, 3)} nats per
      row; lower is better. {grouped(steps)} steps in {fixed(time.training, 1)} s, the best after step{' '}
      {grouped(bestStep)}; {grouped(parameters)} parameters; {backend}.
    </p>
    {rivals.length === 0 ? null : (
      <ul>
        {rivals.map(({ name, nats, lead }) => (
          <li key={name}>
            {name}: {fixed(nats, 3)} nats;{' '}
            {lead.nats >= 0 ? `worse by ${fixed(lead.nats, 3)}` : `better by ${fixed(-lead.nats, 3)}`} ±{' '}
            {fixed(lead.standardError, 3)}
          </li>
        ))}
      </ul>
    )}
    <div class="scroll" tabIndex={0} role="region" aria-label="Columns of the model">
      <table>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Kind</th>
            <th scope="col">Gaps</th>
            <th scope="col">How</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, is, given, gaps, how }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{given ? `${is}, a condition` : is}</td>
              <td class="number">{grouped(gaps)}</td>
              <td>{how}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {remarks.map((remark) => (
      <p class="hint" key={remark}>
        {remark}
      </p>
    ))}
    {command === undefined ? null : (
      <>
        <p>The same on the command line{/--steps/.test(command) ? ', with the same numbers' : ''}:</p>
        <pre tabIndex={0}>
          <code>{command}</code>
        </pre>
      </>
    )}
  </details>
);
