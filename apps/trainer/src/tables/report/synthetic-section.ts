import { ALARM, excessOf, number, type SyntheticReport } from 'impflow/run';
import { html, htmlTable, type Html, type Section } from './html.ts';

/** Number of columns and of pairs of columns that the section lists. */
const LISTED = 10;
/** Probability that chance marks anything in one of the tables. */
const LEVEL = 0.01;

/** Returns the section on synthetic rows: whether they look like real rows, and whether they reveal training rows. */
export const syntheticSection = (found: SyntheticReport, file: string): Section => ({
  id: 'synthetic',
  title: 'Synthetic rows',
  body: html`<p>
      ${number(found.rows)} rows of ${file}, compared with the training rows and the held-out rows (validation and test
      rows) of the run.
    </p>
    ${privacyPart(found)} ${fidelityPart(found)}`,
});

const privacyPart = ({ privacy, revealsTraining }: SyntheticReport): Html => {
  const rows = [
    ['equal a training row in every cell; expected: the share of held-out rows that do', privacy.copies],
    ['are closer to a training row than to any held-out row; expected: the share of training rows', privacy.closest],
    [
      'membership test: a training row is better described by the synthetic rows than a held-out row',
      privacy.membership,
    ],
  ] as const;
  return html`<h3>Privacy</h3>
    ${
      revealsTraining
        ? html`<p class="alarm">The synthetic rows reveal training rows: ${revealedBy(privacy)}.</p>`
        : html`<p class="good">No sign of copied training rows.</p>`
    }
    ${htmlTable(
      'Share of the synthetic rows, or probability',
      ['comparison', 'found', 'expected', 'standard errors above'],
      rows.map(([name, each]) => [
        name,
        `${number(each.value, 3)}`,
        `${number(each.expected, 3)} ± ${number(each.standardError, 2)}`,
        excessOf(each) > ALARM
          ? html`<strong class="alarm">${number(excessOf(each), 2)}</strong>`
          : number(excessOf(each), 2),
      ]),
      [1, 2, 3],
    )}
    <p class="soft">
      More than ${ALARM} standard errors count as a sign of copies; by chance, 1 comparison in 740 has more. Distances
      were computed between ${number(privacy.rows.synthetic)} synthetic, ${number(privacy.rows.training)} training and
      ${number(privacy.rows.heldOut)} held-out rows. These tests compare the training rows of this run with its held-out
      rows. If the synthetic rows were made from all of these rows, the tests cannot see it.
    </p>`;
};

const revealedBy = ({ copies }: SyntheticReport['privacy']): string =>
  excessOf(copies) > ALARM
    ? `${number(100 * copies.value, 3)} % of them are copies`
    : 'they are closer to the rows of the training than to rows that the training never saw';

const fidelityPart = ({ columns, pairs, classifier }: SyntheticReport): Html => {
  const [odd, unlike] = [marked(columns), marked(pairs)];
  const told = classifier.pValue <= LEVEL;
  return html`<h3>Fidelity</h3>
    <p>
      A classifier by nearest neighbors assigns ${number(100 * classifier.accuracy, 3)} % ±
      ${number(100 * classifier.standardError, 2)} % of ${number(classifier.rows)} rows correctly to “real” and
      “synthetic”:
      ${told ? html`<strong class="alarm">it can tell them apart</strong> (p = ${number(classifier.pValue, 2)})` : html`<strong class="good">no better than chance</strong> (p = ${number(classifier.pValue, 2)})`}.
      50 % is chance.
    </p>
    ${htmlTable(
      `Columns, the least similar first (${number(columns.length)} in all)`,
      ['column', 'distance', 'p-value'],
      smallestFirst(columns).map((each) => [each.column, number(each.distance, 3), pText(each, odd)]),
      [1, 2],
    )}
    ${
      pairs.length === 0
        ? html``
        : htmlTable(
            `Rank correlations of pairs of numbers, the least similar first (${number(pairs.length)} in all)`,
            ['columns', 'real rows', 'synthetic rows', 'p-value'],
            smallestFirst(pairs).map((each) => [
              each.columns.join(' and '),
              number(each.real, 2),
              number(each.synthetic, 2),
              pText(each, unlike),
            ]),
            [1, 2, 3],
          )
    }
    <p class="soft">
      The distance of two columns is the largest difference of their cumulative distributions, or for categories half
      the sum of the differences of their shares: 0 is equal, 1 is disjoint. Bold marks differences that chance alone
      shows in one table of 100, over all columns or all pairs (Holm).
    </p>`;
};

type Tested = { readonly pValue: number };

const smallestFirst = <Each extends Tested>(all: readonly Each[]): readonly Each[] =>
  all.toSorted((a, b) => a.pValue - b.pValue).slice(0, LISTED);

/**
 * Returns the tests whose hypotheses are rejected, so that any of them is true with a probability of at most
 * {@link LEVEL}: Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979.
 */
const marked = (all: readonly Tested[]): ReadonlySet<Tested> => {
  const ordered = all.toSorted((a, b) => a.pValue - b.pValue);
  const kept = ordered.findIndex(({ pValue }, i) => !(pValue <= LEVEL / (ordered.length - i)));
  return new Set(kept === -1 ? ordered : ordered.slice(0, kept));
};

const pText = (each: Tested, rejected: ReadonlySet<Tested>): string | Html =>
  rejected.has(each) ? html`<strong class="alarm">${number(each.pValue, 2)}</strong>` : number(each.pValue, 2);
