/** One decoded image: bytes `[height, width, channels]`. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** Number of channels: 1 for gray, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}
