import { FlowError } from '@impflow/core';
import { printable } from '@impflow/tables';
import type { CellRange, EventTree } from './event.ts';

interface Token {
  /** `word` may be a keyword, a name or a value; `quoted` is a name or a value; `sign` is an operator. */
  readonly kind: 'word' | 'quoted' | 'sign';
  readonly text: string;
  /** Index of the first character. */
  readonly at: number;
}

/** Spaces, then a quoted text (a doubled quote stands for a quote), an operator, or a word. */
const TOKEN = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|`((?:[^`]|``)*)`|(<=|>=|!=|<>|==|[=<>(),])|([^\s<>=!(),"'`]+))/y;
/** Comparisons, as ranges. */
const RANGES: Readonly<Record<string, keyof CellRange>> = {
  '>': 'above',
  '>=': 'atLeast',
  '<': 'below',
  '<=': 'atMost',
};
const EQUAL = ['=', '=='];
const DIFFERENT = ['!=', '<>'];
const WORDS = ['and', 'or', 'not', 'in', 'between'];
/** Largest depth of parentheses and `not`, which bounds the recursion of the parser. */
const MOST_NESTED = 100;
const HINT = 'Write events such as: price > 100 and kind in (oak, "red ash").';

/**
 * Parses the text of an event, such as `price > 100 and not (kind = oak or seen >= 2020-04-13)`.
 *
 * @remarks `and` binds more tightly than `or`, and `not` more tightly than `and`. Keywords may have any case. A name or a
 * value with spaces or operators is quoted, by `"`, `'` or a backtick. The operators are `=`, `!=`, `<`, `<=`, `>`, `>=`,
 * `in (…)`, `not in (…)` and `between … and …`, whose ends belong to the range.
 * @throws `option` for text that is not an event. The message names the place.
 */
export const parseEvent = (text: string): EventTree => {
  const tokens = tokensOf(text);
  let next = 0;
  let nested = 0;
  const fail = (expected: string): FlowError => {
    const token = tokens[next];
    return wrongEvent(text, token?.at ?? text.length, expected, token === undefined ? 'the end' : `"${token.text}"`);
  };
  const isNext = (...texts: readonly string[]): boolean => {
    const token = tokens[next];
    return token !== undefined && token.kind !== 'quoted' && texts.includes(token.text.toLowerCase());
  };
  const take = (...texts: readonly string[]): boolean => {
    if (!isNext(...texts)) return false;
    next++;
    return true;
  };
  const need = (sign: string): void => {
    if (!take(sign)) throw fail(`"${sign}"`);
  };
  const operand = (expected: string): string => {
    const token = tokens[next];
    if (token === undefined || token.kind === 'sign' || isNext(...WORDS)) throw fail(expected);
    next++;
    return token.text;
  };
  const value = (): string => operand('a value');

  const either = (): EventTree => joined('or', both);
  const both = (): EventTree => joined('and', single);
  const joined = (kind: 'and' | 'or', part: () => EventTree): EventTree => {
    const parts = [part()];
    while (take(kind)) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  };
  const single = (): EventTree => {
    if (++nested > MOST_NESTED) throw fail(`at most ${MOST_NESTED} nested parts`);
    const tree = take('not') ? ({ kind: 'not', part: single() } as const) : take('(') ? inside() : comparison();
    nested--;
    return tree;
  };
  const inside = (): EventTree => {
    const tree = either();
    need(')');
    return tree;
  };
  const comparison = (): EventTree => {
    const column = operand('the name of a column');
    const cell = (set: Extract<EventTree, { kind: 'cell' }>['set']): EventTree => ({ kind: 'cell', column, set });
    if (take(...EQUAL)) return cell(value());
    if (take(...DIFFERENT)) return { kind: 'not', part: cell(value()) };
    const end = RANGES[tokens[next]?.kind === 'sign' ? tokens[next]!.text : ''];
    if (end !== undefined) {
      next++;
      return cell({ [end]: value() });
    }
    const isNegated = take('not');
    if (!isNext('in', 'between'))
      throw fail(isNegated ? 'in or between' : 'an operator, such as = or in, after the name');
    const tree = cell(take('in') ? list() : between());
    return isNegated ? { kind: 'not', part: tree } : tree;
  };
  const list = (): readonly string[] => {
    need('(');
    const values = [value()];
    while (take(',')) values.push(value());
    need(')');
    return values;
  };
  const between = (): CellRange => {
    next++;
    const atLeast = value();
    need('and');
    return { atLeast, atMost: value() };
  };

  const tree = either();
  if (next < tokens.length) throw fail('and, or, or the end');
  return tree;
};

const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let from = 0; from < end; from = TOKEN.lastIndex) {
    TOKEN.lastIndex = from;
    const found = TOKEN.exec(text);
    if (found === null) {
      const at = from + /^\s*/.exec(text.slice(from))![0].length;
      const isQuote = '"\'`'.includes(text[at]!);
      throw wrongEvent(
        text,
        at,
        isQuote ? 'a closing quote' : 'a name, a value or an operator',
        text.slice(at, at + 10),
      );
    }
    const [all, double, single, back, sign, word] = found;
    const quoted = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? back?.replaceAll('``', '`');
    tokens.push({
      kind: quoted !== undefined ? 'quoted' : sign !== undefined ? 'sign' : 'word',
      text: quoted ?? sign ?? word!,
      at: from + all.length - all.trimStart().length,
    });
  }
  return tokens;
};

const wrongEvent = (text: string, at: number, expected: string, got: string): FlowError =>
  new FlowError('option', 'impflow/event', `Cannot read the event at character ${at + 1} of ${printable(text)}`, {
    expected,
    got: printable(got),
    hint: HINT,
  });
