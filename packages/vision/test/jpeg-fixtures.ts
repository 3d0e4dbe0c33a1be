import { inflateSync } from 'node:zlib';

export interface Decoded {
  readonly file: Buffer;
  /** `[10, 14, channels]`, as decoded by Go 1 (image/jpeg). */
  readonly pixels: Buffer;
}

const decoded = (file: string, pixels: string): Decoded => ({
  file: Buffer.from(file, 'base64'),
  pixels: inflateSync(Buffer.from(pixels, 'base64')),
});

/** A small image that other programs encoded as JPEG in several ways. */
export const jpegs: Readonly<Record<'color' | 'gray' | 'progressive' | 'plainRgb', Decoded>> = {
  /** Color image with chroma at half the resolution, encoded by Go. */
  color: decoded(
    '/9j/2wCEAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgoBAgICAgICBQMD' +
      'BQoHBgcKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCv/AABEIAAoADgMBIgACEQEDEQH/xAGiAAAB' +
      'BQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJ' +
      'ChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1' +
      'tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+gEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoLEQACAQIEBAME' +
      'BwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNTY3ODk6Q0RFRkdISUpTVFVWV1hZ' +
      'WmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2dri4+Tl5ufo6ery' +
      '8/T19vf4+fr/2gAMAwEAAhEDEQA/APE/g3/wTXttHtYgNAAIA/5Z19A+CP8AgnrNcWpEWhHAXtHX2P4D0vTMxD+zoO3/ACxX/Cvor4SaPpB0' +
      '9ydLtj8g/wCWC+3tX479KT6VvHss1WQ4J+xpRfR9j5P6Iv0geLfqdOrJtu3fyP/Z',
    'eNoBpAFb/gAAjgMIliQBtCwJvUoDz1EK1nUD1XsJ25sEw58Ix8MIk8YLlusHbO4Kbw0SoBUaqDYTxz0azlsU4GEa5oUT5YoY6qoT0q4X1tEW' +
      'odQZpPkUefwXfAA5uQVAwCc5zy5A1k881FRB2Xg7xX1Ayp89pKJAp8Q/bsdCces9RO5ARxBLyxdS0jlL4T9R519M5GNQ6IZJ04pN16xKsa9N' +
      'tNFMe9RPfvlMUvxPVQBy1gJ53SV11ip62013wVF7xXd3nXp6oJ54b6B6ccF5O8V9P+l4HO18IA2E6BOK7jWF5jqK61yG0GCK1IWFq4iIrquF' +
      'fK2Hfs+HSdOLTfeGKvuKLgCv0QS11yevvyuzw0+xmFK0m3iva3uybp+vPaKyQMKwGse1H+mvEO2zFA6/4RPE5ja+zjrC0l2/pmDCqYa9eYnA' +
      'fK29S7DATtG/KdbELvm/If7EJgTmwAjqxCvmoS3oo1DnclLpdHrkRn7oSp/iIqXoKMPjEsvrGuvjHvLqJRP1zxj61Dr1sD34s1/2gWL5hInz' +
      'VY74WrH0NLf6OtX1JN39LP32MP/+ONoP2gQ=',
  ),
  /** Gray image, encoded by Go. */
  gray: decoded(
    '/9j/2wCEAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgoBAgICAgICBQMD' +
      'BQoHBgcKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCv/AAAsIAAoADgEBEQD/xADSAAABBQEBAQEB' +
      'AQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBka' +
      'JSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrC' +
      'w8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwD0zwL/AMFPvCHwI8Ij4PaldRrOsfk4YjOelfPvxu/Yo8Qf' +
      'txeI2+JHh2B3idjJmMZHP/66+K/2xrq5j/agkRLiRR/aHQOQPvV+3P8AwSKhhm+BMLTRK5+zJyy59K//2Q==',
    'eNoBjABz/4GgvdTg4trIroxsTTUigJ670Nze1sSrjG1QOCh/mLDCzM7GuKWLcVdDNoGRoq2ztrGnmIh2ZVdOgYePk5aYlZKIg3t0bmx/e3l3' +
      'dnd2eXt/gYSFiYFyZlxXVllibXuHlp6ogGlVRTw7QE5gdYyjs8GBYkg1KicuQFV0kazD039fQiwgHSQ3U3KSsMna/sVGXQ==',
  ),
  /** Progressive color image, encoded by MozJPEG. */
  progressive: decoded(
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAICAgICAgICAgIDAwIDAwQDAwMDBAYEBAQEBAYJBQYFBQYFCQgJBwcHCQgOCwkJCw4QDQwNEBMR' +
      'ERMYFxgfHyoBAgICAgICAgICAgMDAgMDBAMDAwMEBgQEBAQEBgkFBgUFBgUJCAkHBwcJCA4LCQkLDhANDA0QExERExgXGB8fKv/CABEIAAoA' +
      'DgMBEQACEQEDEQH/xAArAAEBAAAAAAAAAAAAAAAAAAAIBwEBAAMBAAAAAAAAAAAAAAAACQUHCAr/2gAMAwEAAhADEAAAAIntqokCYSnMeO5y' +
      'EUc6j//EACUQAAEDAQYHAAAAAAAAAAAAAAMAAQQCBQYIISRCESIlMkFScv/aAAgBAQABPwC5uGsUMQun5/KsPD1WQXLAfJvVWDFi8RaYXjYy' +
      'ujDiPHr0oe1tlK//xAAiEQABAwIGAwAAAAAAAAAAAAACAQMEAAUGBwgREiFCQ1H/2gAIAQIBAT8AxdnLacFWlwQlAJiH2s2NU0y53hRizl4A' +
      '4q9FWoadNQZSJMf279hU6665NkKbhEu/kqrX/8QAIxEAAAYBAgcAAAAAAAAAAAAAAAEDBAdCAgUjERUiJDNDUv/aAAgBAwEBPwCI5pUcqNu7' +
      '+bCLpfxw03qdesrCFV1+LXezrYxHjlxy4t9TxlYx/9k=',
    'eNoBpAFb/gECghQAmCcAsTgBxE4A02EA3nUA4okA35wA27EAysYAuNcApuwAi/0AdQAcmBMZqyUawjkb0U4a3WEb5HQc4ogb3Jscza4ausMb' +
      'ptcckesadfscXwA5shM2wic41Ds64E855GM543Y62og50Jw4vK83psQ4jtc5duw4W/05RwBUxBNS0ydV3ztW5U9U4mJU23dWy4hVup1UprFT' +
      'j8ZUddhVXexVRP1UMwBy1RJw3yZx5Dp04k5x22FyznRzuYhxp5xxjK9xdMRyWtVzRuxyMftyJgCN3xOK5CeM5DqN20+Mz2GLvXaMpIiMj5yM' +
      'c66LW8KMRNWONOyNJfyMHgGq4RSp4yiq2zqry1CpuWKppXeqiYuqc52qXLCqRsSqM9erKOyrH/2pHQDH3hLF2yfH0TrIvE/GqGPGkHfGdIvG' +
      'Xp3HSbHGN8TGJdfGHu3GG/7GHQDi3hTjzyjiuzjipU7ijGHhdHXiW4rjSZzhMLLiKMXhHNbjG+3lJPzkKgD+yhb+vCj+pjn9j1D+d2H9Xnb+' +
      'Ror/NJ7+KrL+IsX+G9j+H+//LP7+NnPI2bU=',
  ),
  /** Image in red, green and blue without a color transform, as its Adobe marker declares, encoded by MozJPEG. */
  plainRgb: decoded(
    '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAgICAgICAgICAwMCAwMEAwMDAwQGBAQEBAQGCQUGBQUGBQkICQcHBwkIDgsJCQsOEA0MDRATERET' +
      'GBcYHx8q/8AAEQgACgAOA1IRAEcRAEIRAP/EAEQAAAMBAQAAAAAAAAAAAAAAAAAJCggHEAAABAMBEAMAAAAAAAAAAAAAAQIDBAUIBhEVGSEi' +
      'NUVVYWV0gpOjsdEHEjH/2gAMA1IARwBCAAA/AMIUmaN5BwvB+7k7YYtP5/ZT4VsopppTLT7TOwjukQpcprzGrh0+SBg/dydsJQqAqhnFprSr' +
      'RK4tZssuqPIMTR0maN5BTfeiU6shOij0NT1nR0cSI1JRj5JysROKFLlNeY1cOnyQL0SnVkJ0UegpmzSEPx8xU+gnFXDxrL7H+7R//9k=',
    'eNoFwbFuEzEYAOD/HTziJmKgBrERKmTPKHTz4gU1IHSPYOXMymqBo44dvF6QvOTmHlssL9UxnXRqSBXF180P8fN9AD8I3DHYCdhLGCp4MjBZ' +
      'mDz8a+Ehwv0I2wI/Eb4DvSN0x+he0EHSU0UnQ7OlR0//trSL9PdIbwtdI/0GfEf4nvFB8JPkzxU/G/5oee951/ImcjfyuvDPyD+B2hM1MHUS' +
      'Kkt1rtTBqN6qzqumVZuo1qNaFfUR1RXogegT089Cn6U+VLo3urO68dq1uo76ZtTLoheoX4N7Im5i7izcQbq+cn+M21q38a5u3ZfolqN7X9wl' +
      'ujmEiYTMwqMIvQxdFbYmbGyofbhpwzKGd2NgJcwxXECaSDqy1IvUydRUaWNSbdPKp+s2XcX0akzzki4wzSAfSe5Zvhe5kflXldcmr2y+9nnR' +
      '5suYZ2N+UfJLzG8BHwh2DLcCbyWaCr8aXFpceGQtziLSEWcF3yB++A+0MdnZ',
  ),
};
