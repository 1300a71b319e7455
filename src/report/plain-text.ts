/** Text from a file that anyone may have written, made fit for a terminal or a page. */

/** Control characters, marks that turn the direction of writing, halves of surrogate pairs and non-characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unfit = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** The same text with a replacement character for whatever cannot be shown as it is. */
export function plainText(text: string): string {
  return text.replace(unfit, '\ufffd');
}

/** The beginning of a text that is wider than so many letters. */
export function shortened(text: string, width: number): string {
  const characters = [...text];
  let used = 0;
  const over = characters.findIndex((character) => {
    used += widthOf(character);
    return used > width;
  });
  return over < 0 ? text : `${characters.slice(0, Math.max(over - 1, 1)).join('')}…`;
}

/** The end of one: most names of a model differ there. */
export function ending(text: string, width: number): string {
  const reversed = (value: string): string => [...value].reverse().join('');
  return reversed(shortened(reversed(text), width));
}

/** Letters of East Asia and pictures are twice as wide as others. */
function widthOf(character: string): number {
  return wide.test(character) ? 2 : 1;
}

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff00-\uff60]/u;
