import { dateFormatOf, dateNumbers, dateText, type DateFormat } from '@impflow/tables';
import dayjs from 'dayjs';
import german from 'dayjs/locale/de.js';
import { describe, expect, it } from 'vitest';
import { vega, vegaFile } from './vega.ts';

const day = (text: string, dayFirst?: boolean): number =>
  dateNumbers([text], { date: 'days', ...(dayFirst === undefined ? {} : { dayFirst }) })[0]!;
const second = (text: string): number => dateNumbers([text], { date: 'seconds' })[0]!;

describe('dateNumbers in days since 1970', () => {
  it.each([
    ['1970-01-01', 0],
    ['1970-01-02', 1],
    ['1969-12-31', -1],
    ['2000-02-29', 11_016],
    ['2000-03-01', 11_017],
    ['2020-01-05', 18_266],
    ['2020-1-5', 18_266],
    ['2020/01/05', 18_266],
    ['2020/1/5', 18_266],
    ['05.01.2020', 18_266],
    ['5.1.2020', 18_266],
    ['Jan 5 2020', 18_266],
    ['Jan 05, 2020', 18_266],
    ['January 5, 2020', 18_266],
    ['JAN 5 2020', 18_266],
    ['5 jan 2020', 18_266],
    ['05-Jan-2020', 18_266],
    ['5 January 2020', 18_266],
    ['May 4 1999', 10_715],
    ['0100-01-01', -683_003],
    ['9999-12-31', 2_932_896],
    ['2020-01-05T12:00', 18_266.5],
    ['2020-01-05 6:00 PM', 18_266.75],
  ])('dateNumbers of %s', (text, days) => expect(day(text)).toBe(days));

  it('a date such as 03/04/2020 is read with the given order of day and month, and is NaN if no order is given', () => {
    expect(day('03/04/2020', true)).toBe(Date.UTC(2020, 3, 3) / 86_400_000);
    expect(day('03/04/2020', false)).toBe(Date.UTC(2020, 2, 4) / 86_400_000);
    expect(day('3-4-2020', true)).toBe(Date.UTC(2020, 3, 3) / 86_400_000);
    expect(day('03/04/2020')).toBeNaN();
    expect(day('13/04/2020', false)).toBeNaN();
  });
});

describe('dateNumbers in seconds since 1970', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2001-09-09T01:46:40Z', 1e9],
    ['2001-09-09 01:46:40', 1e9],
    ['2001-09-09 01:46:40 UTC', 1e9],
    ['2001-09-09t01:46:40.25z', 1e9 + 0.25],
    ['2001-09-09T03:46:40+02:00', 1e9],
    ['2001-09-09T03:46:40+02', 1e9],
    ['2001-09-08T22:16:40-0330', 1e9],
    ['2001/09/09 01:46', 1e9 - 40],
    ['9.9.2001, 1:46:40', 1e9],
    ['Sep 9, 2001 1:46:40 AM', 1e9],
    ['September 9 2001 12:46 AM', 1e9 - 3640],
    ['9 Sep 2001 12:46 pm', 1e9 - 3640 + 43_200],
  ])('dateNumbers of %s', (text, seconds) => expect(second(text)).toBe(seconds));
});

describe('dateNumbers returns NaN, and dateFormatOf returns undefined, for a string that is not a date:', () => {
  it.each([
    ['2021-02-30'],
    ['2021-02-29'],
    ['1900-02-29'],
    ['2020-04-31'],
    ['2020-00-10'],
    ['2020-13-10'],
    ['2020-01-00'],
    ['32.01.2020'],
    ['Feb 30 2020'],
    ['Foo 3 2020'],
    ['Marchy 3 2020'],
    ['31/31/2020'],
    ['01/02/20'],
    ['20-01-02'],
    ['1.2.99'],
    ['Jan 5 99'],
    ['0099-01-01'],
    ['12345-01-01'],
    ['20200105'],
    ['2020-01-05T24:00'],
    ['2020-01-05T12:60'],
    ['2020-01-05T12:30:60'],
    ['2020-01-05 0:30 AM'],
    ['2020-01-05 13:30 PM'],
    ['2020-01-05T12:00+15:00'],
    ['2020-01-05T12:00+02:60'],
    ['2020-01-05Z'],
    ['2020-01-05T'],
    ['12:30'],
    ['2020-01/05'],
    ['5/1-2020'],
    ['Adelie'],
    [''],
    [`2020-01-05${' '.repeat(100_000)}x`],
  ])('%s', (text) => {
    expect(dateNumbers([text], { date: 'days', dayFirst: true })[0]).toBeNaN();
    expect(dateNumbers([text], { date: 'days', dayFirst: false })[0]).toBeNaN();
    expect(dateFormatOf([text])).toBeUndefined();
  });
});

it('dateNumbers and dateText return the same results if dayjs is set to German', () => {
  dayjs.locale(german);
  try {
    expect(day('Jan 5 2020')).toBe(18_266);
    expect(day('5 January 2020')).toBe(18_266);
    expect(dateText(18_266, 'days')).toBe('2020-01-05');
  } finally {
    dayjs.locale('en');
  }
});

it('dateNumbers and dateText agree with JavaScript Date objects for each day of 400 years', () => {
  const texts = Array.from({ length: 146_097 }, (_, i) => new Date(86_400_000 * (i - 73_000)).toISOString());
  const numbers = dateNumbers(texts, { date: 'days' });
  expect(numbers.findIndex((number, i) => number !== i - 73_000)).toBe(-1);
  expect(texts.findIndex((text, i) => dateText(i - 73_000, 'days') !== text.slice(0, 10))).toBe(-1);
});

describe('dateFormatOf', () => {
  it('dateFormatOf returns the unit and all formats of the dates, also for mixed formats and missing cells', () => {
    expect(dateFormatOf(['2020-01-05', undefined, '2020-01-06'])).toEqual({
      kind: 'dates',
      unit: 'days',
      formats: ['YYYY-MM-DD'],
    });
    expect(dateFormatOf(['2020-01-05', '6.1.2020 14:30', 'Jan 7 2020'])).toEqual({
      kind: 'dates',
      unit: 'seconds',
      formats: ['YYYY-MM-DD', 'DD.MM.YYYY HH:mm', 'MMM DD YYYY'],
    });
    expect(dateFormatOf(['2020-01-05T01:00:00.5+01:00', '5-Jan-2020 1:00 PM'])).toMatchObject({
      formats: ['YYYY-MM-DD HH:mm:ss Z', 'DD-MMM-YYYY hh:mm A'],
    });
  });

  it('dateFormatOf returns the unit days if every time is midnight in UTC', () => {
    expect(dateFormatOf(['2020-01-05 00:00:00', '1960-01-06'])).toMatchObject({ unit: 'days' });
    expect(dateFormatOf(['2020-01-05T00:00+01:00'])).toMatchObject({ unit: 'seconds' });
  });

  it('dateFormatOf finds the order of day and month from a number above 12', () => {
    const unambiguous = (dayFirst: boolean, format: string): DateFormat => ({
      kind: 'dates',
      unit: 'days',
      dayFirst,
      formats: [format],
    });
    expect(dateFormatOf(['03/04/2020', '13/04/2020'])).toEqual(unambiguous(true, 'DD/MM/YYYY'));
    expect(dateFormatOf(['03/04/2020', '04/13/2020'])).toEqual(unambiguous(false, 'MM/DD/YYYY'));
    expect(dateFormatOf(['13-4-2020', '3-4-2020'])).toEqual(unambiguous(true, 'DD-MM-YYYY'));
  });

  it('dateFormatOf reports an ambiguous order if no date shows the order of day and month', () => {
    expect(dateFormatOf(['03/04/2020', '2020-04-13', '01/01/2021'])).toEqual({
      kind: 'dates',
      unit: 'days',
      ambiguous: true,
      formats: ['MM/DD/YYYY', 'YYYY-MM-DD', 'DD/MM/YYYY'],
    });
  });

  it('dateFormatOf returns the first string that is not a date if most strings are dates', () => {
    expect(dateFormatOf(['2020-01-05', undefined, '2020-02-30', '2020-01-07', 'soon'])).toBeUndefined();
    expect(dateFormatOf(['2020-01-05', undefined, '2020-02-30', '2020-01-07'])).toEqual({
      kind: 'almost',
      row: 2,
      text: '2020-02-30',
      dates: 2,
      texts: 3,
    });
    expect(dateFormatOf(['13/04/2020', '14/04/2020', '04/15/2020'])).toMatchObject({ kind: 'almost', row: 2 });
    expect(dateFormatOf(['04/13/2020', '14/04/2020', '04/15/2020'])).toMatchObject({ kind: 'almost', row: 1 });
  });

  it('dateFormatOf returns undefined if at most half of the strings are dates, or if all cells are missing', () => {
    expect(dateFormatOf([])).toBeUndefined();
    expect(dateFormatOf([undefined, undefined])).toBeUndefined();
    expect(dateFormatOf(['Adelie', 'Gentoo', '2020-01-05'])).toBeUndefined();
    expect(dateFormatOf(['13/04/2020', '04/13/2020'])).toBeUndefined();
  });
});

describe('dateText', () => {
  it.each([
    [0, 'days', '1970-01-01'],
    [18_266.4, 'days', '2020-01-05'],
    [-0.2, 'days', '1970-01-01'],
    [1e9, 'seconds', '2001-09-09T01:46:40Z'],
    [1e9 - 0.4, 'seconds', '2001-09-09T01:46:40Z'],
    [-1, 'seconds', '1969-12-31T23:59:59Z'],
    [2_932_897, 'days', '+010000-01-01'],
    [-719_529, 'days', '-000001-12-31'],
    [Infinity, 'days', '+275760-09-13'],
    [-Infinity, 'seconds', '-271821-04-20T00:00:00Z'],
    [NaN, 'days', ''],
  ] as const)('dateText of %s %s is %s', (number, unit, text) => expect(dateText(number, unit)).toBe(text));
});

describe('dates of public data sets', () => {
  it('dateFormatOf and dateNumbers read the dates of the data sets flights, movies, weather and stocks', () => {
    const column = (file: string, name: string): string[] => vega(file).map((record) => String(record[name]));
    const flights = column('flights-2k.json', 'date');
    expect(dateFormatOf(flights)).toEqual({ kind: 'dates', unit: 'seconds', formats: ['YYYY/MM/DD HH:mm'] });
    expect([...dateNumbers(flights, { date: 'seconds' })]).toEqual(
      flights.map((text) => Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T')}Z`) / 1000),
    );
    const movies = dateFormatOf(column('movies.json', 'Release Date'));
    expect(movies).toEqual({ kind: 'dates', unit: 'days', formats: ['MMM DD YYYY'] });
    const csv = (file: string, at: number): string[] =>
      vegaFile(file)
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(',')[at]!);
    expect(dateFormatOf(csv('stocks.csv', 1))).toEqual({ kind: 'dates', unit: 'days', formats: ['MMM DD YYYY'] });
    expect(dateFormatOf(csv('seattle-weather.csv', 0))).toMatchObject({ unit: 'days', formats: ['YYYY-MM-DD'] });
    expect(dateFormatOf(csv('seattle-weather-hourly-normals.csv', 0))).toMatchObject({ unit: 'seconds' });
    expect(dateFormatOf(csv('seattle-weather.csv', 5))).toBeUndefined();
  });
});
