import { FlowError, inNode } from '@impflow/core';
import { AT, textForPath } from './wrong-rows.ts';

const ADDRESS = /^(?:https?|data|blob):/i;
const FILE = /^file:\/\//i;

/**
 * Parses an address. Returns undefined in Node for the path of a file. In a web page, every string is an address
 * relative to the page.
 *
 * @throws `input` for an invalid address, and for a string of several lines.
 */
export const addressOf = (where: string | URL): URL | undefined => {
  if (where instanceof URL) return where.protocol === 'file:' && inNode() ? undefined : where;
  if (/[\r\n]/.test(where)) throw textForPath();
  if (inNode() && !ADDRESS.test(where)) return undefined;
  const base = inNode() ? undefined : globalThis.location.href;
  if (URL.canParse(where, base)) return new URL(where, base);
  throw new FlowError('input', AT, 'Wrong address', {
    expected: 'an address such as https://example.org/table.csv',
    got: `"${where}"`,
    hint: 'Check the address.',
  });
};

/** Converts a path or a `file:` URL, which may be a string, to a path (Node). */
export const localPath = (where: string | URL): string =>
  typeof where === 'string' && !FILE.test(where) ? where : process.getBuiltinModule('node:url').fileURLToPath(where);

/**
 * Returns an address for messages, without its user name, password, query and fragment, which may be secret or long.
 */
export const addressName = ({ protocol, origin, pathname }: URL): string =>
  protocol === 'http:' || protocol === 'https:' ? `${origin}${pathname}` : `the ${protocol} address`;
