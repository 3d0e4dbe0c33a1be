// Rules for names of plugins.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from './kinds.mjs';

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 40;
const RESERVED = new Set(
  `abstract arguments await boolean break byte case catch char class const continue debugger default delete do double else enum eval export extends false final finally float for
  function goto if implements import in instanceof int interface let long native new null package private protected public return short static super switch synchronized this throw throws transient
  true try typeof undefined var void volatile while with yield`.split(/\s+/),
);

/**
 * Converts a name such as `df-sane` to camel case, such as `dfSane`.
 *
 * @param {string} name
 */
export const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
/** @param {string} name */
export const pascal = (name) => camel(`-${name}`);

/**
 * Checks the name of a new plugin, before files are written.
 *
 * @param {string} root
 * @param {string} kind
 * @param {string} name
 * @throws if the name cannot be used; the message describes what to do.
 */
export const assertName = async (root, kind, name) => {
  /**
   * @param {string} what
   * @param {string} expected
   * @param {string} hint
   */
  const refuse = (what, expected, hint) => {
    throw new Error(`[new:${kind}] ${what}: expected ${expected}, got "${name}". Nothing was written; ${hint}.`);
  };
  const { folder, taken } = KINDS[kind];
  if (!KEBAB.test(name))
    refuse(
      'Wrong name',
      'lower-case words of letters and digits joined by single hyphens, as in df-sane',
      'choose another name',
    );
  if (name.length > LONGEST) refuse('The name is too long', `at most ${LONGEST} characters`, 'choose a shorter one');
  if (RESERVED.has(camel(name)) || wordsOf(kind).has(camel(name)))
    refuse(
      'The name means something else in the source',
      'a word that the language and the generated file do not use',
      'choose another name',
    );
  const path = `plugins/${folder}-${name}`;
  if (existsSync(join(root, path)))
    refuse(`The folder ${path} exists`, 'a new one', 'remove the folder, or choose another name');
  const names = await taken();
  if (names.includes(name) || names.includes(camel(name)))
    refuse('The name is taken', `none of ${names.join(', ')}`, 'choose another name');
};

/**
 * Returns the identifiers in the source template of a kind.
 *
 * @param {string} kind
 */
const wordsOf = (kind) => {
  const source = readFileSync(new URL(`files/${kind}/src/__name__.ts.template`, import.meta.url), 'utf8').replaceAll(
    /\/\*[^]*?\*\/|\/\/.*|'[^']*'|`[^`]*`/g,
    '',
  );
  return new Set(source.match(/[A-Za-z_]\w*/g));
};
