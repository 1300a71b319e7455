/** Why a device refused a program, as the error that tells the user whose fault it is: the package, the firmware, or the memory. */
import { BitwrightError } from '../base/errors.ts';
import { statusCodes } from '../graph/status-codes.ts';
import type { DeviceInfo } from './device.ts';
import type { ProgramLayout } from './program-layout.ts';
import { statusText } from './protocol.ts';
import { linkStatus } from './protocol-spec.ts';

/** Statuses that say: the program is in order, but this firmware cannot run it. */
const beyondFirmware: readonly number[] = [
  statusCodes.ERROR_VERSION.code,
  statusCodes.ERROR_PROFILE.code,
  statusCodes.ERROR_OPCODE.code,
  statusCodes.ERROR_RULE.code,
  statusCodes.ERROR_DTYPE.code,
];

export interface LoadContext {
  readonly info: DeviceInfo;
  readonly where: string;
  readonly programBytes: number;
  readonly layout: ProgramLayout;
}

export function loadRefusal(status: number, { info, where, programBytes, layout }: LoadContext): BitwrightError {
  if (status === linkStatus.memory.code) {
    return new BitwrightError('TARGET_LIMIT', {
      message: 'the program and its arena do not fit the memory of the device',
      where,
      seen: `${programBytes} + ${layout.arenaBytes} bytes`,
      allowed: `${info.programBytesMax} bytes`,
      next: 'Use fewer weight bits, a smaller model or a device with more memory.',
    });
  }
  if (status === linkStatus.programCrc.code) {
    return new BitwrightError('LINK_FAILED', {
      message: 'the program arrived changed',
      where,
      next: 'Run the command again; if it happens again, the memory of the board is at fault.',
    });
  }
  if (beyondFirmware.includes(status)) {
    return new BitwrightError('DEVICE_MISMATCH', {
      message: `the firmware cannot run this program: ${statusText(status)}`,
      where,
      seen: `profile code ${layout.profile}`,
      allowed: `profiles ${info.profiles.join(', ')}`,
      next: 'Flash the firmware of this release, or quantize for a profile that the device has.',
    });
  }
  return new BitwrightError('ARTIFACT_INVALID', {
    message: `the device refused the program: ${statusText(status)}`,
    where: 'program.bin',
    seen: `status ${status}`,
    next: 'Make the package again with `bitwright quantize`.',
  });
}
