/** HTML as a tagged template: every value is escaped unless it is markup already, so no name from a model file can become a tag. */

export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | null | readonly Markup[];

export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return { markup: strings.reduce((text, part, index) => text + render(values[index - 1] ?? null) + part) };
}

function render(value: Part): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  if ('markup' in value) return value.markup;
  return value.map((item) => item.markup).join('');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A table; cells of the columns named in `numeric` are right-aligned. */
export function tableMarkup(
  titles: readonly string[],
  rows: readonly (readonly (string | number | Markup)[])[],
  numeric: readonly string[] = [],
): Markup {
  const classOf = (column: number): Markup =>
    numeric.includes(titles[column]!) ? { markup: ' class="number"' } : { markup: '' };
  const head = titles.map((title, column) => html`<th${classOf(column)}>${title}</th>`);
  const body = rows.map((row) => html`<tr>${row.map((cell, column) => html`<td${classOf(column)}>${cell}</td>`)}</tr>`);
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A section with its heading, or nothing where there is no content. */
export function section(title: string, content: Markup | null): Markup {
  return content === null ? { markup: '' } : html`<section><h2>${title}</h2>${content}</section>`;
}
