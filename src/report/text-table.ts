/** Plain-text tables: aligned columns that stay readable in a log file, without colours or box drawing. */

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows of cells under their titles; a rule below the titles. Ends without a newline. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, row[index]!.length), column.title.length),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        columns[index]!.align === 'right' ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(columns.map((column) => column.title)), rule, ...rows.map(line)].join('\n');
}

/** `label  value` lines with the values in one column. */
export function textFacts(facts: readonly (readonly [label: string, value: string])[]): string {
  const width = facts.reduce((most, [label]) => Math.max(most, label.length), 0);
  return facts.map(([label, value]) => `${label.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}
