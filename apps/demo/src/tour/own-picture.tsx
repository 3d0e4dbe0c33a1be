import type { JSX } from 'preact';
import type { StationName } from '../station-names.ts';
import type { WallHandle } from '../views/wall-fits.ts';
import { Wall } from '../views/wall.tsx';
import { Divide } from './divide.tsx';
import { Questions } from './questions.tsx';

/** The picture of a station that does not show the machine. */
export const OwnPicture = ({
  station,
  openWall,
}: {
  readonly station: StationName;
  readonly openWall: () => Promise<WallHandle>;
}): JSX.Element => (
  <div class="tour-picture">
    {station === 'wall' ? <Wall open={openWall} /> : station === 'divide' ? <Divide /> : <Questions />}
  </div>
);
