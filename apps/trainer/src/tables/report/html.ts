import { printable } from '@impflow/tables';

/** Markup that is written to a page unchanged. All other values are escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | undefined | readonly Value[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Replaces the characters with a meaning in HTML, and control characters, because names may come from files. */
const escaped = (text: string): string => printable(text).replace(/[&<>"']/g, (each) => ESCAPES[each]!);

const markup = (value: Value): string => {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return (value as readonly Value[]).map(markup).join('');
  return escaped(String(value));
};

/** Tag of a template that makes markup. Texts and numbers are escaped, markup is not, lists are joined. */
export const html = (texts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(texts.map((text, i) => `${text}${markup(values[i])}`).join(''));

/** Number of characters from which a text does not fit into a narrow column. */
const LONG = 40;

/** Makes a table. Cells of columns in `numbers` are aligned to the right. Wide tables scroll in a box of their own. */
export const htmlTable = (
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
  numbers: readonly number[] = [],
): Html => {
  const isLong = head.map((_, j) =>
    rows.some((row) => (row[j] instanceof Html ? row[j].text : (row[j] ?? '')).length > LONG),
  );
  const kind = (j: number): Html =>
    numbers.includes(j) ? html` class="number"` : isLong[j] === true ? html` class="long"` : html``;
  return html`<div class="wide" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((cell, j) => html`<th scope="col" ${kind(j)}>${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, j) => (j === 0 ? html`<th scope="row" ${kind(j)}>${cell}</th>` : html`<td${kind(j)}>${cell}</td>`))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
};

/** Makes a picture from the bytes of a PNG. The page holds the bytes, so it needs no other file. */
export const htmlPicture = (png: Uint8Array, alt: string): Html =>
  html`<div class="wide" role="region" aria-label="Picture" tabindex="0">
    <img alt="${alt}" src="data:image/png;base64,${Buffer.from(png).toString('base64')}" />
  </div>`;

/** A section of a page. */
export interface Section {
  /** Name of the anchor. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1c1c1e; --soft: #5b5b60; --ground: #fff; --line: #d8d8dc; --alarm: #a3160b; --good: #0b6b2e; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf0; --soft: #a9a9b2; --ground: #17171a; --line: #3a3a40; --alarm: #ff9a8f; --good: #7ddc9d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
p, li { max-width: 46rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; }
.soft { color: var(--soft); font-size: .9rem; }
.alarm { color: var(--alarm); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
a { color: inherit; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { min-width: 5.5rem; text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); font-weight: 400; max-width: 32rem; }
thead th { font-weight: 600; }
.long { min-width: 15rem; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
img { max-width: 100%; min-width: 40rem; background: #fff; display: block; }
@media print { nav { display: none; } body { max-width: none; padding: 0; font-size: 10pt; } .wide { overflow: visible; } img { min-width: 0; max-height: 21cm; } .long, th, td { min-width: 0; } h2, tr, img { break-inside: avoid; } h2 { break-after: avoid; } }
`;

/** Makes a complete page, which needs no network and no script. */
export const htmlPage = (title: string, lead: Html, sections: readonly Section[]): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${lead}
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
            </ul>
          </nav>
          ${sections.map(
            ({ id, title: name, body }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${name}</h2>
                ${body}
              </section> `,
          )}
        </main>
      </body>
    </html> `.text;
