import { describe } from 'vitest';
import { provider as reference } from '../../../src/device/devices/reference.ts';
import { provider as simulator } from '../../../src/device/devices/simulator.ts';
import { deviceConformance } from './conformance.ts';

describe.each([reference, simulator])('$kind', ({ open }) => {
  deviceConformance(() => open('', {}));
});
