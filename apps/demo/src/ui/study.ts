// Results of the study in docs/study.md. The page quotes these numbers next to races of two models. A test compares the
// numbers with docs/study.md.

/** Measured difference of two losses in nats per point, with the standard error of paired differences. */
interface Lead {
  readonly nats: number;
  readonly standardError: number;
}

/**
 * Loss of a model of six residual blocks, minus the loss of a model of three implicit blocks with the same number of
 * parameters. Each model was trained for 60 seconds. All models have sandwich nets. Each value is the mean over three
 * seeds, except that the value for zip codes is from a single seed. A negative value means that the residual blocks are
 * better.
 */
export const LEADS: Readonly<Record<string, Lead>> = {
  'thin-gaussians': { nats: 0.973, standardError: 0.099 },
  earthquakes: { nats: 0.519, standardError: 0.068 },
  'thin-rings': { nats: 0.154, standardError: 0.044 },
  '2spirals': { nats: 0.041, standardError: 0.012 },
  checkerboard: { nats: 0.018, standardError: 0.003 },
  zipcodes: { nats: 0.011, standardError: 0.004 },
  swissroll: { nats: 0.001, standardError: 0.002 },
  pinwheel: { nats: -0.001, standardError: 0.002 },
  moons: { nats: -0.001, standardError: 0.001 },
  '8gaussians': { nats: -0.003, standardError: 0 },
  circles: { nats: -0.003, standardError: 0.002 },
  rings: { nats: -0.031, standardError: 0.033 },
};

const SET_UP =
  'In our study (3 implicit against 6 residual blocks, sandwich nets, equal numbers of parameters, 60 seconds)';

/** Describes the result of the study for a data set, in one or two sentences. */
export const studyInWords = (data: string): string => {
  const lead = LEADS[data];
  if (lead === undefined)
    return (
      `${SET_UP} implicit blocks were ahead where densities are sharp: eight thin Gaussians by ` +
      `${inNats(LEADS['thin-gaussians']!)}, earthquakes by ${inNats(LEADS.earthquakes!)}. On smooth densities both were level.`
    );
  const { nats, standardError } = lead;
  if (Math.abs(nats) <= standardError) return `${SET_UP} both were level on these data.`;
  return `${SET_UP} ${nats > 0 ? 'implicit' : 'residual'} blocks were ahead on these data by ${inNats(lead)}.`;
};

const inNats = ({ nats, standardError }: Lead): string =>
  `${Math.abs(nats)} nats (± ${standardError === 0 ? 'less than 0.001' : standardError})`;
