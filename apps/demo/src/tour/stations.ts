import type { DataChoice } from '../config.ts';
import { heart } from '../scenes.ts';
import type { Session } from '../state/session-types.ts';
import { fromHash } from '../state/url.ts';
import type { StationName } from '../station-names.ts';
import { stillness } from '../views/hooks.ts';

// The stations of the tour. A station sets the machine of the page: its data, its models and its picture. Some stations
// have a picture of their own, which stands in place of the machine.

/** The address of the machine at a station. A station without an address has a picture of its own. */
const MACHINES: Readonly<Partial<Record<StationName, string>>> = {
  cloud: '#show=planes&play=1',
  pays: '#net=sandwich&blocks=2&model2=residual&net2=sandwich&blocks2=2&race=seconds&view=simple&play=1',
  yours: '#play=1',
};

/** Returns whether the station has a picture of its own, in place of the machine. */
export const hasOwnPicture = (name: StationName): boolean => MACHINES[name] === undefined;

/** Sets the machine for a station. A station with a picture of its own only pauses the machine. */
export const setMachine = async (session: Session, name: StationName): Promise<void> => {
  const hash = MACHINES[name];
  if (hash === undefined) return session.pause();
  if (name === 'cloud') return setPlanes(session, hash);
  const address = fromHash(hash);
  const drawn = name === 'pays' ? thinClouds() : heart();
  return session.visit({ ...address, config: { ...address.config, data: DRAWN }, drawn });
};

/** Shows the two planes. If the page has one model of a toy density, this model continues to train. Otherwise a new model starts. */
const setPlanes = async (session: Session, hash: string): Promise<void> => {
  const { data, models } = session.config.value;
  if (data.kind === 'toy' && models.length === 1) await session.play();
  else await session.visit(fromHash(hash));
  session.view.value = { ...session.view.value, stage: 'planes', moves: !stillness() };
};

const DRAWN: DataChoice = { kind: 'drawn', name: 'drawn', noise: 0, size: 0 };

/**
 * Returns eight thin clouds of points on a circle, `[n, 2]`. The points are not random, so every browser shows the same
 * picture.
 */
const thinClouds = (): Float32Array => {
  const [count, radius, width] = [496, 2.8, 0.06];
  return Float32Array.from({ length: 2 * count }, (_, i) => {
    const [point, isX] = [i >> 1, i % 2 === 0];
    const [around, rank] = [(2 * Math.PI * (point % 8)) / 8, Math.floor(point / 8)];
    // The points of a cloud lie along a golden-angle spiral.
    const turn = 2 * Math.PI * ((rank * 0.618033989 + point * 0.1) % 1);
    const far = width * Math.sqrt(-2 * Math.log(1 - (rank + 0.5) / (count / 8)));
    return isX ? radius * Math.cos(around) + far * Math.cos(turn) : radius * Math.sin(around) + far * Math.sin(turn);
  });
};
