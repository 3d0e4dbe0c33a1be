import { isFlowError } from '@impflow/core';
import { describe, expect, it } from 'vitest';
import type { EventTree } from '../../../src/questions/ranges/event.ts';
import { parseEvent } from '../../../src/questions/ranges/parse-event.ts';

/** Writes a tree with all parentheses. */
const written = (tree: EventTree): string => {
  if (tree.kind === 'cell') return `${tree.column} ${JSON.stringify(tree.set)}`;
  if (tree.kind === 'not') return `not (${written(tree.part)})`;
  return `(${tree.parts.map(written).join(` ${tree.kind} `)})`;
};

describe('`parseEvent`', () => {
  it.each([
    ['price > 100', 'price {"above":"100"}'],
    ['price >= -1.5e3', 'price {"atLeast":"-1.5e3"}'],
    ['price<100', 'price {"below":"100"}'],
    ['kind = oak', 'kind "oak"'],
    ['kind == oak', 'kind "oak"'],
    ['kind != oak', 'not (kind "oak")'],
    ['kind <> oak', 'not (kind "oak")'],
    ['kind in (oak, "red elm")', 'kind ["oak","red elm"]'],
    ['kind not in (oak)', 'not (kind ["oak"])'],
    ['a between 1 and 2 and b <= 3', '(a {"atLeast":"1","atMost":"2"} and b {"atMost":"3"})'],
    ['a not between 1 and 2', 'not (a {"atLeast":"1","atMost":"2"})'],
    ['a = 1 or b = 2 and c = 3', '(a "1" or (b "2" and c "3"))'],
    ['(a = 1 or b = 2) and c = 3', '((a "1" or b "2") and c "3")'],
    ['not a = 1 and b = 2', '(not (a "1") and b "2")'],
    ['NOT NOT (a = 1 AND b = 2)', 'not (not ((a "1" and b "2")))'],
    ['"Beak Length (mm)" > 40', 'Beak Length (mm) {"above":"40"}'],
    ["`a and b` = 'it''s \"so\"'", 'a and b "it\'s \\"so\\""'],
    ['seen >= 2020-04-13T10:00:00Z', 'seen {"atLeast":"2020-04-13T10:00:00Z"}'],
    ['"not" = "and"', 'not "and"'],
    ['größe = 3', 'größe "3"'],
    ['  a=1  ', 'a "1"'],
  ])('%s', (text, tree) => {
    expect(written(parseEvent(text))).toBe(tree);
  });

  it.each([
    ['', 'at character 1 of : expected the name of a column, got the end'],
    ['   ', 'expected the name of a column, got the end'],
    ['price', 'at character 6 of price: expected an operator, such as = or in, after the name, got the end'],
    ['price >', 'at character 8 of price >: expected a value, got the end'],
    ['price > > 3', 'at character 9 of price > > 3: expected a value, got ">"'],
    ['price 100', 'at character 7 of price 100: expected an operator'],
    ['> 3', 'at character 1 of > 3: expected the name of a column, got ">"'],
    ['a = 1 b = 2', 'at character 7 of a = 1 b = 2: expected and, or, or the end, got "b"'],
    ['a = red elm', 'at character 9 of a = red elm: expected and, or, or the end, got "elm"'],
    ['(a = 1', 'expected ")", got the end'],
    ['a = 1)', 'expected and, or, or the end, got ")"'],
    ['a in oak', 'expected "(", got "oak"'],
    ['a in ()', 'expected a value, got ")"'],
    ['a in (1, 2', 'expected ")", got the end'],
    ['a between 1', 'expected "and", got the end'],
    ['a not = 1', 'expected in or between, got "="'],
    ['a = and', 'expected a value, got "and"'],
    ['a = "oak', 'at character 5 of a = "oak: expected a closing quote'],
    ['a ! 3', 'at character 3 of a ! 3: expected a name, a value or an operator, got ! 3'],
    [`${'('.repeat(5000)}a = 1`, 'expected at most 100 nested parts'],
    [`${'not '.repeat(5000)}a = 1`, 'expected at most 100 nested parts'],
  ])('refuses %.30s', (text, said) => {
    let error: unknown;
    try {
      parseEvent(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(isFlowError(error, 'option')).toBe(true);
    expect((error as Error).message).toContain(said);
    expect((error as Error).message).toContain('Write events such as');
  });
});
