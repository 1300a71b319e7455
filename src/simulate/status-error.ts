/** Status codes of the C kernels as errors that users can read. */
import { BitwrightError } from '../base/errors.ts';
import { describeStatus } from '../graph/status-codes.ts';

/** The error of a program that the kernels refuse to open. */
export function refusedProgram(status: number): BitwrightError {
  const known = describeStatus(status);
  return new BitwrightError('ARTIFACT_INVALID', {
    message:
      known === undefined ? 'the kernels refuse the program' : `the kernels refuse the program: ${known.sentence}`,
    where: 'program.bin',
    seen: known?.name ?? status,
    next: 'Make the package again with `bitwright quantize`.',
  });
}

/** The error of an operation that failed on its data. */
export function failedOperation(status: number, operation: number): BitwrightError {
  const known = describeStatus(status);
  return new BitwrightError('DEVICE_FAULT', {
    message: known?.sentence ?? 'a kernel failed',
    where: `operation ${operation} in the simulator`,
    seen: known?.name ?? status,
    next: 'Check the input data: indices must lie inside their table.',
  });
}
