/** Power-of-two requantization with ties toward plus infinity: ESP32-S3, ESP32, legacy CMSIS-NN q7. */
import { powerOfTwoRule } from '../power-of-two.ts';
import { roundHalfUp } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

export const rule: RequantizeRule = powerOfTwoRule('shift-half-up', 4, roundHalfUp);
