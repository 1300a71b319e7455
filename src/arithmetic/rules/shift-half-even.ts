/** Power-of-two requantization with ties to even: ESP32-P4. */
import { powerOfTwoRule } from '../power-of-two.ts';
import { roundHalfEven } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

export const rule: RequantizeRule = powerOfTwoRule('shift-half-even', 5, roundHalfEven);
