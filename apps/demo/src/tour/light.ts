// Words of the tour light the part of the page that they are about, and a part under the pointer lights its words.

/** CSS selectors of the parts of the page that words of the tour are about. */
const PARTS = {
  left: '.planes-pair > :first-child',
  right: '.planes-pair > :last-child',
  blocks: '.planes .warp-slider',
  wanted: '.wall-curves .curve-names li:first-child',
  residual: '.wall-curves .curve-names li:last-child',
  fit: '.wall-curves > .chart',
  curve: '.divide-curve',
  line: '.divide-line',
  crossing: '.divide-root',
  input: '.divide-input',
  answer: '.divide-answer',
  first: '.picture[data-slot="0"]',
  second: '.picture[data-slot="1"]',
  score: '.race-score',
  draw: '.draw-own',
  table: '.open-table',
} as const;
export type Part = keyof typeof PARTS;

/** Attribute of a part or a word that is lit. */
const LIT = 'data-lit';

/** Lights a part of the page, or ends its light. */
export const light = (part: Part, on: boolean): void => {
  for (const element of document.querySelectorAll(PARTS[part])) element.toggleAttribute(LIT, on);
};

export const elementOf = (part: Part): Element | null => document.querySelector(PARTS[part]);

/** Lights the words about the part under the pointer. Returns a function that ends this, and every light of the tour. */
export const followPointer = (): (() => void) => {
  const look = ({ target }: PointerEvent): void => {
    for (const word of document.querySelectorAll<HTMLElement>('.tour-word'))
      word.toggleAttribute(
        LIT,
        target instanceof Element && target.closest(PARTS[word.dataset['part'] as Part]) !== null,
      );
  };
  document.addEventListener('pointerover', look);
  return () => {
    document.removeEventListener('pointerover', look);
    for (const element of document.querySelectorAll(`[${LIT}]`)) element.removeAttribute(LIT);
  };
};
