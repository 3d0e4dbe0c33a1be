import { describe, expect, it } from 'vitest';
import { periodsOf, transformOf } from '../../src/table/column-texts.ts';

describe('`transformOf`', () => {
  it.each([
    [undefined, 'auto'],
    [['auto'], 'auto'],
    [['none'], 'none'],
    [['log:price'], { price: { map: 'log', lower: 0 } }],
    [['log:price:-2.5'], { price: { map: 'log', lower: -2.5 } }],
    [['log:a:b'], { 'a:b': { map: 'log', lower: 0 } }],
    [['log:a:b:1'], { 'a:b': { map: 'log', lower: 1 } }],
    [['logit:share:0:1'], { share: { map: 'logit', lower: 0, upper: 1 } }],
    [['logit:a:b:-1:1e3'], { 'a:b': { map: 'logit', lower: -1, upper: 1000 } }],
    [['none:a:b', 'log:c'], { 'a:b': { map: 'identity' }, c: { map: 'log', lower: 0 } }],
  ])('%j', (texts, expected) => {
    expect(transformOf(texts)).toEqual(expected);
  });

  it.each([
    'log',
    'log:',
    'none:',
    'logit:share',
    'logit:share:0',
    'logit:share:1:1',
    'logit:share:1:0',
    'logit:share:a:1',
    'logit::0:1',
    'sqrt:price',
    'auto:price',
    '',
  ])('`transformOf` refuses "%s", and the message lists the accepted values', (text) => {
    expect(() => transformOf([text])).toThrow(/Wrong transformation.*log:column.*got/);
  });

  it('`transformOf` refuses `auto` or `none` in a list with maps, and two maps of one column', () => {
    expect(() => transformOf(['none', 'log:a'])).toThrow('Wrong transformation');
    expect(() => transformOf(['none:a', 'log:a'])).toThrow('"a" twice');
  });
});

describe('`periodsOf`', () => {
  it('`periodsOf` reads the number after the last colon as the period', () => {
    expect(periodsOf()).toEqual({});
    expect(periodsOf(['angle:360', 'time:of day:0.5'])).toEqual({ angle: 360, 'time:of day': 0.5 });
  });

  it.each(['angle', 'angle:', ':360', 'angle:0', 'angle:-1', 'angle:Infinity', 'angle:x', ''])(
    'refuses "%s"',
    (text) => {
      expect(() => periodsOf([text])).toThrow(/Wrong period.*angle:360/);
    },
  );
});
