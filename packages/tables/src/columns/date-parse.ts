import dayjs from 'dayjs';
import customParseFormat from 'dayjs/plugin/customParseFormat.js';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);
dayjs.extend(customParseFormat);

/** A date that was parsed from a string. */
interface ParsedDate {
  /** Seconds since 1970-01-01T00:00Z. */
  readonly seconds: number;
  /** Format of the date in the notation of dayjs, such as `DD/MM/YYYY HH:mm`. */
  readonly format: string;
  /** Whether the order of day and month depends on the country, as in 03/04/2020. */
  readonly ordered: boolean;
}

/**
 * Maximum number of characters of a date. Longer strings do not count as dates, because matching the pattern may take
 * quadratic time.
 */
const LONGEST = 50;
/** Pattern of a date, which may be followed by a time, AM or PM, and the offset from UTC. */
const PARTS =
  /^(?<date>\S.*?)(?:(?:T|,? +)(?<hours>\d\d?):(?<minutes>\d\d)(?::(?<seconds>\d\d(?:\.\d{1,9})?))?(?: ?(?<half>[AP]M))?(?: ?(?<zone>Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;

/**
 * Patterns of dates, each with its format. A day or a month may have one digit, and the name of a month may be written
 * in full.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d\d?-\d\d?$/, 'YYYY-MM-DD'],
  [/^\d{4}\/\d\d?\/\d\d?$/, 'YYYY/MM/DD'],
  [/^\d\d?\.\d\d?\.\d{4}$/, 'DD.MM.YYYY'],
  [/^[a-z]{3,9} \d\d?,? \d{4}$/i, 'MMM DD YYYY'],
  [/^\d\d? [a-z]{3,9},? \d{4}$/i, 'DD MMM YYYY'],
  [/^\d\d?-[a-z]{3,9}-\d{4}$/i, 'DD-MMM-YYYY'],
];
/** Pattern of dates in which the order of day and month depends on the country, such as 03/04/2020. */
const ORDERED = /^\d\d?([/-])\d\d?\1\d{4}$/;

/**
 * Returns a function that parses a date. The year has four digits and is at least 100. A date without a time zone is in
 * UTC. The parsing function returns undefined for a string that is not a date, for a date that does not exist, and for
 * a date such as 03/04/2020 if `dayFirst` is left out. Parsed days are cached, because dayjs takes 20 microseconds to
 * parse a day.
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
 * Parses dates with English month names, also if another language is set in dayjs. The cast is needed because the types
 * of the plugin lack the language parameter.
 */
const strictly = dayjs.utc as unknown as (text: string, format: string, language: string, strict: true) => dayjs.Dayjs;

/**
 * Adapts a date format to the string that is parsed. Strict parsing needs `D` for a day of one digit, and `MMMM` for a
 * month name that is written in full.
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

/**
 * Returns the offset of a time zone from UTC in seconds, positive to the east. Returns undefined if the offset is
 * larger than 14 hours.
 */
const secondsEast = (zone = 'Z'): number | undefined => {
  if (/^(?:Z|UTC)$/i.test(zone)) return 0;
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0;
  const seconds = 3600 * Number(zone.slice(1, 3)) + 60 * minutes;
  if (minutes > 59 || seconds > 14 * 3600) return undefined;
  return zone.startsWith('-') ? -seconds : seconds;
};
