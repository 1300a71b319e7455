/** One deliberate mistake each: the text in a kernel source, and what it becomes. */
export interface KernelMutation {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const rounding = 'include/rk_rounding.h';
const requantize = 'include/rk_requantize.h';
const dot = 'include/rk_dot_template.h';

export const mutations: readonly KernelMutation[] = [
  {
    name: 'double rounding: the high multiply floors',
    file: rounding,
    from: '((int64_t)a * b + (1 << 30)) >> 31',
    to: '((int64_t)a * b) >> 31',
  },
  {
    name: 'double rounding: the high multiply ties down',
    file: rounding,
    from: '(int64_t)a * b + (1 << 30)) >> 31',
    to: '(int64_t)a * b + (1 << 30) - 1) >> 31',
  },
  {
    name: 'double rounding: the division ties up',
    file: rounding,
    from: '((uint32_t)mask >> 1) + (value < 0)',
    to: '((uint32_t)mask >> 1)',
  },
  {
    name: 'double rounding: the division floors',
    file: rounding,
    from: '(value >> exponent) + (remainder > threshold)',
    to: '(value >> exponent) + (remainder > threshold) * 0',
  },
  {
    name: 'double rounding becomes single rounding',
    file: requantize,
    from: 'rk_multiply_double_rounding(accumulator, multiplier, shift)',
    to: 'rk_multiply_single_rounding(accumulator, multiplier, shift)',
  },
  {
    name: 'single rounding becomes double rounding',
    file: requantize,
    from: 'rk_multiply_single_rounding(accumulator, multiplier, shift)',
    to: 'rk_multiply_double_rounding(accumulator, multiplier, shift)',
  },
  {
    name: 'single rounding floors',
    file: rounding,
    from: '(int64_t)value * multiplier + ((int64_t)1 << (right - 1))',
    to: '(int64_t)value * multiplier',
  },
  {
    name: 'reduced-16: the multiplier truncates',
    file: rounding,
    from: '(multiplier + 0x8000) >> 16',
    to: 'multiplier >> 16',
  },
  {
    name: 'reduced-16: the product floors',
    file: rounding,
    from: '(uint64_t)reduced + ((uint64_t)1 << (right - 1))',
    to: '(uint64_t)reduced',
  },
  {
    name: 'float32: half away instead of half even',
    file: 'include/rk_float.h',
    from: 'return rk_bits_from_float(clamped + 12582912.0f) - 0x4B400000;',
    to: 'return (int32_t)(clamped + (clamped < 0 ? -0.5f : 0.5f));',
  },
  {
    name: 'float32: truncation',
    file: 'include/rk_float.h',
    from: 'return rk_bits_from_float(clamped + 12582912.0f) - 0x4B400000;',
    to: 'return (int32_t)clamped;',
  },
  {
    name: 'float32: the zero point is added before rounding',
    file: requantize,
    from: 'return rk_round_half_even_clamped(value, epilogue->clamp_min - zero_point, epilogue->clamp_max - zero_point) +\n           zero_point;',
    to: 'return rk_round_half_even_clamped(value + (float)zero_point, epilogue->clamp_min, epilogue->clamp_max);',
  },
  {
    name: 'shift half up becomes floor',
    file: rounding,
    from: '(value >> shift) + ((value >> (shift - 1)) & 1)',
    to: '(value >> shift)',
  },
  {
    name: 'shift half even becomes half up',
    file: rounding,
    from: '(remainder == half && (quotient & 1))',
    to: '(remainder == half)',
  },
  {
    name: 'multiply-shift rounds instead of flooring',
    file: requantize,
    from: '(int64_t)accumulator * multiplier >> -shift',
    to: '(((int64_t)accumulator * multiplier >> (-shift - 1)) + 1) >> 1',
  },
  {
    name: 'average pool: halves toward zero',
    file: rounding,
    from: '(sum > 0 ? sum + count / 2 : sum - count / 2) / count',
    to: 'sum / count',
  },
  {
    name: 'average pool: floor becomes truncation',
    file: rounding,
    from: 'return quotient - (quotient * count > sum);',
    to: 'return quotient;',
  },
  {
    name: 'nibble order: the high nibble first',
    file: 'src/rk_weights.c',
    from: 'codes[index] = (int8_t)low_nibble(byte);\n        codes[index + 1] = (int8_t)low_nibble(byte >> 4);',
    to: 'codes[index] = (int8_t)low_nibble(byte >> 4);\n        codes[index + 1] = (int8_t)low_nibble(byte);',
  },
  {
    name: 'nibbles without their sign',
    file: 'src/rk_weights.c',
    from: 'return (int32_t)(byte << 28) >> 28;',
    to: 'return (int32_t)(byte & 15u);',
  },
  {
    name: 'order inside a byte of a row that starts in its middle',
    file: 'include/rk_weights.h',
    from: 'unused - place * bits',
    to: 'place * bits',
  },
  {
    name: 'the input zero point with the other sign',
    file: dot,
    from: 'weights[index] * (values[index] - zero_point)',
    to: 'weights[index] * (values[index] + zero_point)',
  },
  {
    name: 'the output zero point with the other sign',
    file: requantize,
    from: 'rk_wrapping_add(scaled, epilogue->zero_point)',
    to: 'rk_wrapping_subtract(scaled, epilogue->zero_point)',
  },
  {
    name: 'the lower clamp is ignored',
    file: rounding,
    from: 'value < low ? low : value > high ? high : value',
    to: 'value < low ? value : value > high ? high : value',
  },
  {
    name: 'the bias is forgotten',
    file: dot,
    from: 'bias == NULL ? 0 : (RK_ACCUMULATOR)bias[channel]',
    to: '0 * (bias != NULL) + 0 * (RK_ACCUMULATOR)channel',
  },
];
