import dayjs from 'dayjs';
import customParseFormat from 'dayjs/plugin/customParseFormat.js';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);
dayjs.extend(customParseFormat);

/** A text as a point in time. */
interface ParsedDate {
  /** Seconds since 1970-01-01T00:00Z. */
  readonly seconds: number;
  /** Format in the usual notation, such as `DD/MM/YYYY HH:mm`. */
  readonly format: string;
  /** Whether day and month are two numbers in an order that depends on the country, as in 03/04/2020. */
  readonly ordered: boolean;
}

/** Longer texts do not count as dates, because matching a pattern may take quadratic time. */
const LONGEST = 50;
/** A date, optionally followed by a time, AM or PM, and the distance from UTC. */
const PARTS =
  /^(?<date>\S.*?)(?:(?:T|,? +)(?<hours>\d\d?):(?<minutes>\d\d)(?::(?<seconds>\d\d(?:\.\d{1,9})?))?(?: ?(?<half>[AP]M))?(?: ?(?<zone>Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;

/** Shapes of dates, with their formats. A day or a month may have one digit, and a month may have its whole name. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d\d?-\d\d?$/, 'YYYY-MM-DD'],
  [/^\d{4}\/\d\d?\/\d\d?$/, 'YYYY/MM/DD'],
  [/^\d\d?\.\d\d?\.\d{4}$/, 'DD.MM.YYYY'],
  [/^[a-z]{3,9} \d\d?,? \d{4}$/i, 'MMM DD YYYY'],
  [/^\d\d? [a-z]{3,9},? \d{4}$/i, 'DD MMM YYYY'],
  [/^\d\d?-[a-z]{3,9}-\d{4}$/i, 'DD-MMM-YYYY'],
];
/** A shape in which the order of day and month depends on the country. */
const ORDERED = /^\d\d?([/-])\d\d?\1\d{4}$/;

/**
 * Returns a function that reads a date. The year has four digits (100 to 9999); a date without a zone is in UTC. The
 * function returns undefined for any other text, for a date that no calendar has, and for a date such as 03/04/2020 if
 * `dayFirst` is left out. It caches each day, because dayjs takes 20 microseconds to read a day.
 */
export const dateParser = (dayFirst?: boolean): ((text: string) => ParsedDate | undefined) => {
  const known = new Map<string, ParsedDate | undefined>();
  const dayOf = (date: string): ParsedDate | undefined => {
    const separator = ORDERED.exec(date)?.[1];
    const format =
      separator === undefined ? SHAPES.find(([shape]) => shape.test(date))?.[1] : inOrder(dayFirst, separator);
    if (format === undefined) return undefined;
    if (!known.has(date)) known.set(date, parsedDay(date, format, separator !== undefined));
    return known.get(date);
  };
  return (text) => {
    const { date, hours, minutes, seconds, half, zone } =
      (text.length > LONGEST ? undefined : PARTS.exec(text)?.groups) ?? {};
    const day = date === undefined ? undefined : dayOf(date);
    if (day === undefined || hours === undefined) return day;
    const clock = clockOf(Number(hours), Number(minutes), Number(seconds ?? 0), half);
    const east = secondsEast(zone);
    if (clock === undefined || east === undefined) return undefined;
    return { ...day, seconds: day.seconds + clock - east, format: `${day.format} ${clockFormat(seconds, half, zone)}` };
  };
};

const inOrder = (dayFirst: boolean | undefined, separator: string): string | undefined =>
  dayFirst === undefined ? undefined : [...(dayFirst ? ['DD', 'MM'] : ['MM', 'DD']), 'YYYY'].join(separator);

const parsedDay = (date: string, format: string, ordered: boolean): ParsedDate | undefined => {
  const plain = date
    .replace(',', '')
    .replace(/[a-z]+/i, (word) => word[0]!.toUpperCase() + word.slice(1).toLowerCase());
  const day = strictly(plain, exactFormat(format, plain), 'en', true);
  return day.isValid() ? { seconds: day.unix(), format, ordered } : undefined;
};

/**
 * Reads English names of months, whatever the language of dayjs is. The cast is needed because the types of the plugin
 * lack the parameter for the language.
 */
const strictly = dayjs.utc as unknown as (text: string, format: string, language: string, strict: true) => dayjs.Dayjs;

/**
 * Returns the format, adapted to the text: strict parsing needs `D` for a day of one digit, and `MMMM` for the whole
 * name of a month.
 */
const exactFormat = (format: string, text: string): string => {
  const parts = text.match(/[a-z]+|\d+/gi)!;
  let at = 0;
  return format.replace(/[A-Z]+/g, (token) => {
    const { length } = parts[at++]!;
    if (token === 'MMM') return length > 3 ? 'MMMM' : token;
    return token.slice(0, length);
  });
};

/** Returns the seconds since midnight, or undefined for an invalid time. */
const clockOf = (hours: number, minutes: number, seconds: number, half?: string): number | undefined => {
  const wrongHours = half === undefined ? hours > 23 : hours < 1 || hours > 12;
  if (wrongHours || minutes > 59 || seconds >= 60) return undefined;
  const inDay = half === undefined ? hours : (hours % 12) + (/p/i.test(half) ? 12 : 0);
  return 3600 * inDay + 60 * minutes + seconds;
};

const clockFormat = (seconds?: string, half?: string, zone?: string): string =>
  [
    `${half === undefined ? 'HH' : 'hh'}:mm${seconds === undefined ? '' : ':ss'}`,
    ...(half === undefined ? [] : ['A']),
    ...(zone === undefined ? [] : ['Z']),
  ].join(' ');

/** Returns the distance from UTC in seconds, positive to the east, or undefined for more than 14 hours. */
const secondsEast = (zone = 'Z'): number | undefined => {
  if (/^(?:Z|UTC)$/i.test(zone)) return 0;
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0;
  const seconds = 3600 * Number(zone.slice(1, 3)) + 60 * minutes;
  if (minutes > 59 || seconds > 14 * 3600) return undefined;
  return zone.startsWith('-') ? -seconds : seconds;
};
