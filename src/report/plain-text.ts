/** Text from a file that anyone may have written, made fit for a terminal or a page. */

/** Control characters, marks that turn the direction of writing, halves of surrogate pairs and non-characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unfit = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** The same text with a replacement character for whatever cannot be shown as it is. */
export function plainText(text: string): string {
  return text.replace(unfit, '\ufffd');
}
