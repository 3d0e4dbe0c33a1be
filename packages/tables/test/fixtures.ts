import { inflateSync } from 'node:zlib';

const inflated = (base64: string): Buffer => inflateSync(Buffer.from(base64, 'base64'));

// Files written by other programs, deflated: NumPy 2 for the arrays, Apache Arrow (pyarrow) for the Parquet table.
export const littleFloat: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpGmjoKtQpkAy4GhgP2DECCgcHBgYGhA4gXAPEBBwAgPCBT',
);
export const bigDouble: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBul2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpGmjoKtQpkAy77HwxgcABCMThwQGlBKC0CpSUgNADuRB6u',
);
export const bigFortran: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBul2airqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GsY6CkaaOgq1CuQDLvsDDAwODkC8gIEByGRw6ABiIAMAG04gKg==',
);
export const bigShort: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBul2mkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpGmjoKtQpkAy4Gxv//GHUYWBhYGdgAtU0dqQ==',
);
export const longs: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpGmjoKtQpkAy5GBgj49x8CwBygIAtUnBVKs0FpAKMfI3s=',
);
export const bytes: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpGmjoKtQpkAy7G/wwsrGwAIascxw==',
);
export const booleans: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBek2SorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuRgZGAL1yG5U=',
);
export const words: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuU2qirqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GsY6CkaaOgq1CuQDLkYGCGAF4v9AwAKk2YAYAAwcH1w=',
);
export const version2: Buffer = inflated(
  'eNqb7BfqGxDJxFDCwMBQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQCLgaGA/ZAqw8wMDg4MDB0APECID7gAADoAyAS',
);
export const objects: Buffer = inflated(
  'eNqlizsLglAYhj1dCKK52e0YiENTtDQEDUkaQUNDyFFPFJTK5zGQClqkgjMEfv3e8vITeoYX3lturRfLDVHOyoX6PPaAjlV6tamu0l0IAljghO' +
    'DzMp6xY8yLPN6ziBdeG+oDXb2p/9C9tz5vpUb2g+QUpYbjhcCNU3IUBwbAUpQ9B7gXBrGAxBOYo2xXS5SdwK8nOZpKhlPi4gNXqJnEbGS4b8q2' +
    'L9KIl5eGPcLXs26bklzRsqz5t6AScyLQfW3LpyQMeeGMH8tKWjo=',
);
export const complex: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2xopq6joJ6WX1RSlJgXn1+UkgqScEvMKU4FihdnJBakAvkaRjqaOgq1CuQDLgYCAAC+vxtp',
);
export const text: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuE2qkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFACuRAYGhiQgBgApPRwI',
);
export const fields: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupRCtoZ6orqOgbpNmoq6po6ChngTmZQJ5sUBGWn5RSVFiXnx+UUoqSLlbYk5xKlC8OCOxIBXI1zDSAeqqVSAGcDGgAQAkix09',
);
export const scalar: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBLgYw+GAPACl1HG4=',
);
export const cube: Buffer = inflated(
  'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgogpKmjUKtAHuBioBAAAEFmG40=',
);
export const arrowTable: Buffer = inflated(
  'eNqVVs1vE0cUfztsNhvXgsTqrHYlq1iITEMbSEDkQ5HbZjaO0whHsdOaKlIP6684QQkY28UI5RAuVUVRpdKWA+KEWimHHnLgD8gF1EMqcegZwY' +
    'ELgt5aVZw6b9a7TuyVlYzs+Xjz3u/3vsZymi+dpyodpYkU1ShEAE5+rwMOcqzgwO2T/zp3bj9R7FoUoFr6cNsUNxTo+zQ+LPT7xVeLmq4BqNPe' +
    'Tt81YChAOjAABwjyjuMUivnLOYB7r15mQwiOzsQDnCluAdNO7/6xC/DFi29/7eKIAmDqissJviMHpIdxBOhxOo7g4IIriqkgnFyDAXrg48aJcq' +
    '8bxgf006AwHGfbUSO/xB6FIPr2fvFEQBzjguSWqdw8XLr66WRKLO21W90pO5UKQO118rnukkTo1L5kqQDT0zhvfWaQoX2nINqVUnGFQORvZ7PP' +
    'K9JkUMdsQXLoT/U3Ze/ru4vBJSLNEnhd4ZaoU3q44E06FZxkh+RXYhr8dOrFTtj14xRNDFPdj/4YsqnYEBh96xQYfU778Z9wau+jMEzkn24PSG' +
    '7r9zEwtVphtbSRo8eBhgaJqayIC1zXBCOueaBhXGuDkIqimY6njaZWfTCSuhuJRiXXmBCsU0K1VBxPqqmur9XqlAAlQre3tF7aKF2tg6FZUWuT' +
    'QZSGrDHQ+i1BSlVDM54rxgPCVpl+tAdpDWPzIA2I3BCIn9EsBpq4Rg7V41jzOO4R9o6wR+Ror607C1iDGgiSvCT50thkj9V4x4OzhKLEOGgc9l' +
    'ysSevvFOOZwu5obKdn/0PqcEDkcT+K7qFsSJSHivFGYX/1sq3e7i8lMDCitqev7qXvB8J2+9gb/WgvoXv6iMsyqazLlvFaRVDqxmPF+E9hz95j' +
    '70Ldm76TgmnESgKRNMbTPkNjuvE6LMpghvnS0uJXU27vm3vqCI4JbnPOM9wdlzhvcLvMk5yX+UxZymyhsICbGc7npaC1ilHAXRYREnyW80WpeR' +
    'HnKzjNSaVZnC6kJ0ZGGsjWyLauMj7UrK9q13C3mBb+NRJimkT5jLy3yy1V396uFOcu1+UxcaWpz23pZMK3v+TaZ9rsJd8o7uZvjDT9s5cxNdKv' +
    'm1Ip24qX+9s8Qs1WPXxeTnv2WUmSbMXXcvVzTGWigPgVX38505aPlv7cfNPJjEu6cKstH42geCrNei1gHYXKvH+dbSKLPMxIyoKomxuRD5JZ6O' +
    'LPMpZA4C03S8GR4hMwY5Vc9fo3pfrZQqVyNletXmvEbpSqtbVrV2MXxs+NnjtvbYpfzM4P/NwDkBZ/aP4H6Xl0Jw==',
);

/** A table of polars 2.1, written by `write_parquet` without options. */
export const polarsTable: Buffer = inflated(
  'eNqdlU9rE0EUwN9stmnaRojgDLu4hyDt0qrUdm1tIqKZpJoWU02CIoKHbJumrU0TabS1X0AQRMSDFME/CIpHL4poEcGT4EFvpSJIDx78BL0Ivje7id' +
    'FapD42M2/ee/Peb2fekqzM93PgtwP8zH6eQC3Ig9ahSHcIlEQShq9pb3Hofn7gR/T9DgbLLbhqe40CG8fIF0lACzy4pyd2J4IvP2mdvN3sgqBpsKs8' +
    'LBLiW0A8ZXboyFaZuc77+OEMVq9XMR4DFBhoEAA/DApfWYEh4h4+QKyRBms9xAgxaIjKsvM6gEJdRNFaO0dv48N1cxCCEYSrKLg3TKwxe12zb2pbpk' +
    'NALNsMSKnJ79IwTnvevSj/hS6AZoO5m4jo8BpEYZ9In52pFBXUMhMrzL7fYn/Uf8uCIAbf2wwSRuuHvQA9YwAn8PcXBp3shk5Rmzi+oGitCqOTaz5H' +
    'oOguKYw7TLxi9pNWe31zIiyEKL+1DWMGg2awxqvOfX7BwesJrTqrcp8SBXtD9YS/zdypmb+6oqFGsIApIr67fieo1i+qyc1chFcX0TApWpy8s/kViT' +
    'bGfIMlQvwpE5TWEusav1bX77fwiq8+aeULvroR4gVS8bzKI/p8tXqZtwNv79Kw3/GGaK4AD+OsLrQLMpaKRgOdbFc4U1bYuMbDAJEwLfOC/YxZ2/xs' +
    'xI0wF+JuOz8K9opu/U9ji0dhbohVlWItaG2jE8UrKn6ng9tgfw1Z2+sd8ZE2r3TwXrBX26x/tob4RvHfO/geEA9DImGHxGpwF12GEZb5/Olzh2sT05' +
    'NzrrEcOECyVE1KKY/jT8YWcH01J721Mp2UsiZTas7JfVn0Ly6SfVTKKT/uLE7DpMsZGk4oe42GpIoYxk2x87JexNuXTKoJJaP8KVLHHdyWPkPriT/j' +
    'U364TGfI7+mEks5PT+ZSY/QqI42ixIeSz/mbhmPkT6qUZEvOu+cGZ736Fylf9c96ss6XJZ64p+c8fypHoVPeOj1A+WuUf4zcHuh5L35M8Ryfwniacx' +
    '7XsJ96H5334qjEs0irZJRvZEqCcSpbLbvztWj3paXL09VKT3Rhcr42U61End7+3r5o9/iVmXIxOlSK9znjxYOlUtEZKpViTrF/wBmKuX1x14kPlkpO' +
    'acidLMadHvMCflXND9zCDs/iP9pPZsFLjg==',
);

/** A column `at` of times of day in microseconds, `took` of durations in milliseconds, `zone` of categories that are numbers, and `n` of numbers. */
export const arrowTimes: Buffer = inflated(
  'eNqFk91qE0EUx2cn6RCKV+osu7AXuWgXhLS2otVIenF208R+YbIQNEWRbbpsRZtN06QLIj6C+CA+gI/hA/ggXnrOmU1SNeIhmfP1m//ZGZgORN' +
    'ta6Jqu1bTCQGnlCSEk/ksl8fjnJ4VR9fVh+w76f4ErP1YE25c3FnvsN3TjL1BZdw0nVgs/y5Fb02tLNlizGQSV3VePhKOuBufJRawrWFiXjown' +
    '7z/e9mpGhyrlSZa9K8IP2TARWmJoDYWtXM898oWHSutKuLRXY9WO7Miv7HuavkOKxj3l+rKMcjdQFp3DJ/+BaSzDp/ap/9X6nRaqoKWhrSGjB/' +
    'aB/1kuQe3v0lZ+BZ1wPecWRNHzF0/NJTjfSvfJtiAAgC4YOwTIIUihBZBCmHItQGCPgrSDfM4o5w+LHYhwHnCnidATCkJTXPDGKAymFGWsx7W0' +
    '6PRpLs5/Rt+Bec+IcjdsLZTS+byFKCQX9emJOcl+gewtPED9j3khwDHPy4kvrEdLs0dXwwc75+pg2byzdv06zmd51/RxafH8Pukez5vGgjBaqh' +
    'fS0n/Z5aM1Adp8/7NueoOE3V3hVEfx+HKaTDYGo9FGPB5nefU6GV+9zYbVBzubW5vb7hE+hPmPH0EH3+svwzK1NQ==',
);
