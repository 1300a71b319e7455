/** Makes names unique by a number at the end, in constant time a name however often one comes up. */

/** The returned function gives each name back once, then `name_2`, `name_3`, ...; `taken` are further names to stay clear of. */
export function uniqueNames(taken: (name: string) => boolean = () => false): (name: string) => string {
  const given = new Set<string>();
  const counts = new Map<string, number>();
  return (name) => {
    let count = counts.get(name) ?? 1;
    let candidate = count === 1 ? name : `${name}_${count}`;
    while (given.has(candidate) || taken(candidate)) candidate = `${name}_${++count}`;
    counts.set(name, count);
    given.add(candidate);
    return candidate;
  };
}
