/** How numbers are shown in every report: one style, so that a figure reads the same in a terminal and on a page. */

/** 12345678 as `12 345 678`; fractions keep up to `digits` digits. */
export function formatCount(value: number, digits = 0): string {
  const [whole, fraction] = Math.abs(value).toFixed(digits).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Bytes exactly, with KiB beside them from 10 KiB on. */
export function formatBytes(bytes: number): string {
  return bytes < 10240 ? `${formatCount(bytes)} B` : `${formatCount(bytes)} B (${shortBytes(bytes)})`;
}

/** Bytes to one digit of the unit that fits. */
export function shortBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const large = bytes >= 10 * 1024 * 1024;
  return `${(bytes / (large ? 1024 * 1024 : 1024)).toFixed(1)} ${large ? 'MiB' : 'KiB'}`;
}

/** A share 0..1 as percent; a dash where it is unknown. */
export function formatShare(value: number | null, digits = 2): string {
  return value === null ? '-' : `${(100 * value).toFixed(digits)} %`;
}

/** A scale or loss with enough digits to tell neighbours apart. */
export function formatReal(value: number): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 1e5 ? String(Number(value.toPrecision(6))) : value.toExponential(4);
}

export function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A shape as `1x28x28`. */
export function formatShape(shape: readonly number[]): string {
  return shape.join('x');
}
