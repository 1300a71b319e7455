/**
 * What a sample of a CPU profile counts as: by the file of its function in dist/, or in WebAssembly by the object file that the linker
 * took the function from. First match counts.
 */

const multiplyAccumulate =
  /^(rkw_(conv|conv_\w+|depthwise_\w+|fully_connected|rows|tile)|rk_(conv|depthwise|fully|mat_mul)\w*)\.o/;

/** In dist/, first match counts. */
const rules = [
  [
    'rounding of weights',
    /\/dist\/(quantize\/(rounding\/|input-patches)|search\/(layer-grams|covariances)|simulate\/code-products)/,
  ],
  ['step sizes', /\/dist\/quantize\//],
  ['calibration', /\/dist\/calibrate\/(calibrate|gather)/],
  ['float engine', /\/dist\/calibrate\/|onnxruntime/],
  ['lowering and packing', /\/dist\/(lower|package|ops|arithmetic|graph|base)\//],
  ['search', /\/dist\/search\//],
  ['simulator outside of kernels', /\/dist\/simulate\//],
];

const natives = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', 'idle'],
  ['(program)', 'other'],
  ['postMessage', 'messages between threads'],
]);

/** `kernels` holds the object file and name of each WebAssembly function by its index. */
export function categoryOf({ functionName, url }, kernels) {
  if (url.startsWith('wasm:')) {
    const name = kernels[/\[(\d+)\]/.exec(functionName)?.[1]];
    if (name === undefined) return 'other';
    return multiplyAccumulate.test(name) ? 'multiply-accumulate kernels' : 'other kernels';
  }
  const rule = rules.find(([, pattern]) => pattern.test(url));
  return natives.get(functionName) ?? rule?.[0] ?? 'data, files and start-up';
}
