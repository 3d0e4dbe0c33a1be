// Checks that every link, anchor and picture has a target, in the built site and in the markdown sources. Links to
// other hosts are listed but not requested.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from './pages.mjs';

/**
 * A broken link: the file that contains it, its target, and the reason why it is broken.
 *
 * @typedef {{ at: string; link: string; why: string }} BrokenLink
 */

/** @typedef {{ checked: number; external: ReadonlySet<string>; broken: readonly BrokenLink[] }} CheckedLinks */

/** @param {string} link */
const isExternal = (link) => /^(https?:|mailto:)/.test(link);

/**
 * Checks the `links` of each file. `find` returns the anchors of a path, or undefined if the file does not exist.
 *
 * @param {readonly { at: string; base: string; links: readonly string[] }[]} files
 * @param {(path: string) => ReadonlySet<string> | undefined} find
 * @returns {CheckedLinks}
 */
const check = (files, find) => {
  /** @type {Set<string>} */
  const external = new Set();
  /** @type {BrokenLink[]} */
  const broken = [];
  let checked = 0;
  for (const { at, base, links } of files) {
    for (const link of links) {
      if (link.startsWith('data:')) continue;
      checked++;
      if (isExternal(link)) {
        external.add(link);
        continue;
      }
      const [path, anchor = ''] = decodeURIComponent(link).split('#');
      const target = path === '' ? at : normalize(join(base, path.split('?')[0]));
      const anchors = find(target);
      if (anchors === undefined) broken.push({ at, link, why: 'no such file' });
      else if (anchor !== '' && !anchors.has(anchor)) broken.push({ at, link, why: 'no such anchor' });
    }
  }
  return { checked, external, broken };
};

/** @param {string} html */
const text = (html) => html.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

/**
 * Checks the links of all HTML files of a built site.
 *
 * @param {string} folder
 */
export const linksOfSite = (folder) => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
  /** @type {Map<string, ReadonlySet<string>>} */
  const anchorsOf = new Map(files.map((file) => [file, new Set()]));
  const pages = files
    .filter((file) => file.endsWith('.html'))
    .map((file) => {
      // The pattern matches only the tags of the page itself, because tags in displayed code are escaped.
      const tags = readFileSync(join(folder, file), 'utf8').match(/<[a-z][^<>]*>/gi) ?? [];
      const ids = tags.flatMap((tag) => [...tag.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => text(id)));
      anchorsOf.set(file, new Set(ids));
      return {
        at: file,
        base: dirname(file),
        links: tags.flatMap((tag) =>
          tag.startsWith('<use') ? [] : [...tag.matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, link]) => text(link)),
        ),
      };
    });
  return check(pages, (path) => anchorsOf.get(path));
};

/**
 * Returns the anchors of the headings of a page as GitHub makes them: lower case, without punctuation, hyphens for
 * blanks.
 *
 * @param {string} markdown
 */
const anchorsOfMarkdown = (markdown) =>
  new Set(
    [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
      heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );

/**
 * Returns the text of a page without its code, because brackets in code are not links.
 *
 * @param {string} path
 */
const prose = (path) =>
  readFileSync(root + path, 'utf8')
    .replaceAll(/^(`{3,}).*?^\1/gms, '')
    .replaceAll(/`[^`\n]*`/g, '``');

/**
 * Checks the links of markdown files.
 *
 * @param {readonly string[]} paths From the root of the repository.
 */
export const linksOfPages = (paths) =>
  check(
    paths.map((path) => ({
      at: path,
      base: dirname(path),
      links: [...prose(path).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link]) => link),
    })),
    (path) => {
      if (!existsSync(root + path)) return undefined;
      return path.endsWith('.md') ? anchorsOfMarkdown(readFileSync(root + path, 'utf8')) : new Set();
    },
  );
