import { expect, test } from 'vitest';
import { findPairHazard } from '../../../src/arithmetic/pair-saturation.ts';
import { loadTarget } from '../../../src/data/targets.ts';
import { codeRange } from '../../../src/graph/quantization-plan.ts';

test('the range of onnxruntime-u8 cannot saturate a pair, whatever the codes; the full range can', async () => {
  const { weights } = await loadTarget('onnxruntime-u8');
  const { qMin, qMax } = codeRange(8, weights.range);
  // 255 * (a + b) must stay within int16 for two codes of one sign.
  expect(255 * 2 * qMax).toBeLessThanOrEqual(32767);
  expect(255 * 2 * qMin).toBeGreaterThanOrEqual(-32768);
  expect(findPairHazard(Int8Array.of(qMin, qMin, qMax, qMax), 1)).toBeNull();
  expect(findPairHazard(Int8Array.of(-128, -128, 127, 127), 1)).toEqual({ channel: 0, pairSum: 256, channels: 1 });
});

test('other widths keep their whole range', () => {
  expect(codeRange(4, 'pair-safe')).toEqual({ qMin: -8, qMax: 7 });
  expect(codeRange(8, 'narrow')).toEqual({ qMin: -127, qMax: 127 });
});
