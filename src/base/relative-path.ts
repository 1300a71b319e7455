/** Paths that come from files: relative ones that stay inside their folder, nothing else. */

/** True for a path without drive, backslash, empty, `.` or `..` segment, and not absolute. */
export function isSafeRelativePath(path: string): boolean {
  if (path.length === 0 || path.length > 1024 || path.startsWith('/') || /[\\:\0]/.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
