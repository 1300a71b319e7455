/** External tensor data: which bytes of which file a TensorProto points to. The file itself is handed in by the caller; paths that leave the model's folder are refused. */
import { BitwrightError } from '../base/errors.ts';
import { isSafeRelativePath } from '../base/relative-path.ts';
import type { TensorProto } from './model-proto.ts';

/** Gives the bytes of a file beside the model; `location` is already checked to be a relative path inside its folder. */
export type ExternalData = (location: string) => Uint8Array;

/** Asks for each file once, however many tensors lie in it. */
export function oncePerFile(externalData: ExternalData): ExternalData {
  const files = new Map<string, Uint8Array>();
  return (location) => {
    const file = files.get(location) ?? externalData(location);
    files.set(location, file);
    return file;
  };
}

/** The raw little-endian bytes of an external tensor of `byteCount` bytes. Throws MODEL_INVALID naming the tensor. */
export function readExternalData(
  tensor: TensorProto,
  byteCount: number,
  where: string,
  externalData?: ExternalData,
): Uint8Array {
  const entries = new Map((tensor.externalData ?? []).map((entry) => [entry.key ?? '', entry.value ?? '']));
  const location = entries.get('location') ?? '';
  const refuse = (message: string, seen: string | number, allowed: string | number): never => {
    throw new BitwrightError('MODEL_INVALID', {
      message,
      where,
      seen,
      allowed,
      next: 'Keep the data file beside the model, or save the model as one file.',
    });
  };
  if (!isSafeRelativePath(location))
    refuse(
      'external data location leaves the model folder',
      JSON.stringify(location.slice(0, 200)),
      'a relative path inside it',
    );
  if (externalData === undefined) return refuse('tensor data is in another file', location, 'a model in one file here');
  const start = wholeNumber(entries.get('offset') ?? '0');
  const length = wholeNumber(entries.get('length') ?? String(byteCount));
  if (length !== byteCount)
    refuse('external data length does not fit the tensor', entries.get('length') ?? '', byteCount);
  const file = externalData(location);
  if (!(start + length <= file.length))
    refuse(`external data file ${location} is too short`, file.length, start + length);
  return file.subarray(start, start + length);
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
