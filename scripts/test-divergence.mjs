/** Divergence of an integer program's answers from the float model's, sample by sample: the finer measure beside accuracy. Imports dist/. */
import { logitsOf } from '../dist/lower/epilogue.js';
import { divergence } from '../dist/search/objective.js';

/** A model that ends in a softmax gives probabilities; their logarithms are logits as good as any. */
export function floatLogits(graph, scores) {
  const isSoftmax = logitsOf(graph, graph.outputs[0]) !== graph.outputs[0];
  return isSoftmax ? scores.map((value) => Math.log(Math.max(value, 1e-30))) : scores;
}

/** `codes` of the program's tensor of logits and the float model's logits, both [samples, width]. */
export function divergences({ scale, zeroPoint }, codes, logits, samples) {
  const width = logits.length / samples;
  return Float64Array.from({ length: samples }, (_, sample) => {
    const row = (values) => values.slice(sample * width, (sample + 1) * width);
    const own = Float64Array.from(row(codes), (code) => scale * (code - zeroPoint));
    return divergence(Float64Array.from(row(logits)), own);
  });
}
