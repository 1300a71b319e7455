/** Quantiles F^-1((i + 0.5) / n) of the unit Gauss and Laplace distributions: deterministic samples for tests. */

export function laplaceQuantiles(count: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: count }, (_, index) => {
    const share = (index + 0.5) / count;
    return share < 0.5 ? Math.log(2 * share) : -Math.log(2 * (1 - share));
  });
}

export function gaussQuantiles(count: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: count }, (_, index) => gaussQuantile((index + 0.5) / count));
}

/** Bisection on the distribution function, itself integrated by Simpson's rule: slow and independent of the product's code. */
function gaussQuantile(share: number): number {
  if (share < 0.5) return -gaussQuantile(1 - share);
  let low = 0;
  let high = 6;
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (gaussArea(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function gaussArea(x: number): number {
  const pieces = 64;
  const width = x / pieces;
  let sum = 0;
  for (let index = 0; index <= pieces; index++) {
    const factor = index === 0 || index === pieces ? 1 : index % 2 === 1 ? 4 : 2;
    sum += factor * Math.exp((-(index * width) * (index * width)) / 2);
  }
  return 0.5 + ((width / 3) * sum) / Math.sqrt(2 * Math.PI);
}
