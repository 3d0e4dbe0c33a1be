import type { Frame } from '@impflow/tables';

/** A row of {@link penguins}. */
export interface Penguin {
  readonly species: string;
  readonly mass: number | null;
  readonly eggs: number;
  readonly tagged: boolean | null;
  readonly seen: Date;
}

export const penguins: readonly Penguin[] = [
  { species: 'Adelie', mass: 3750.5, eggs: 1, tagged: true, seen: new Date('2007-11-11T12:30:00Z') },
  { species: 'Gentoo', mass: null, eggs: 2, tagged: false, seen: new Date('2008-11-03T00:00:00Z') },
  { species: 'Chinstrap', mass: -0.25, eggs: 0, tagged: null, seen: new Date('2009-11-15T08:00:00.250Z') },
];

/** The penguins as a CSV. */
export const csv = `species,mass,eggs,tagged,seen
Adelie,3750.5,1,true,2007-11-11T12:30:00.000Z
Gentoo,,2,false,2008-11-03T00:00:00.000Z
Chinstrap,-0.25,0,,2009-11-15T08:00:00.250Z
`;

/** Returns the cells of a frame, without the types that a file does not store. */
export const cellsOf = ({ columns, rows }: Frame) => ({
  rows,
  columns: columns.map(({ name, numbers, texts, written }) => ({ name, numbers: [...numbers], texts, written })),
});
