/** What engines on the host say of themselves: no limits, every profile, no counter. */
import { allProfiles } from '../arithmetic/registry.ts';
import type { DeviceInfo } from './device.ts';

export function hostInfo(kind: string): DeviceInfo {
  return {
    id: kind,
    kind,
    evidence: 'simulator',
    profiles: allProfiles.map(({ id }) => id),
    programBytesMax: Number.POSITIVE_INFINITY,
    arenaBytesMax: Number.POSITIVE_INFINITY,
    costUnit: 'none',
  };
}
