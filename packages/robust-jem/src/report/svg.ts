/** Pieces of SVG and HTML that diagrams and reports share. */

/** Text as it may stand between tags and in an attribute. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export const svgText = (
  at: readonly [x: string | number, y: string | number],
  anchor: 'start' | 'middle' | 'end',
  content: string,
): string => `<text x="${at[0]}" y="${at[1]}" text-anchor="${anchor}">${content}</text>`
