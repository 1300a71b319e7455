/** A stream of bytes to a device: what a serial port, a socket, a child process and an emulator have in common. */
import type { DeviceEvidence, DeviceOpenOptions } from './device.ts';

export interface ByteTransport {
  /** For errors: `serial port /dev/ttyACM0 at 115200 baud`. */
  readonly description: string;
  /** Baud rate where there is one. */
  readonly baud: number | null;
  /** What a run on it proves, as far as the stream knows. */
  readonly evidence: DeviceEvidence;
  /** Usual time between the end of a short request and its answer, milliseconds; repeats wait longer than that. */
  readonly latencyMs: number;
  /** Sends all bytes, in order; resolves when more may be written. Rejects when the stream is closed. */
  write(bytes: Uint8Array): Promise<void>;
  /** The one receiver of bytes. Set once, before the first write. */
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Called once when the stream ends, but not by `close`; `reason` is for users. */
  onEnd(listener: (reason: string) => void): void;
  /** Frees everything; may be called again. */
  close(): Promise<void>;
}

/** A family of streams: one file in src/device/transports, exported as `transport`, with its device as `provider`. */
export interface TransportProvider {
  /** Its name in the DEVICE argument. */
  readonly kind: string;
  /** Usage line for `bitwright devices`. */
  readonly usage: string;
  /** How long a device may take to start, milliseconds. */
  readonly startMs: number;
  probe(): Promise<{ readonly available: boolean; readonly detail: string }>;
  /** `argument` is what follows the colon in DEVICE, '' if nothing. Throws DEVICE_UNAVAILABLE, DEVICE_UNKNOWN or USAGE. */
  connect(argument: string, options: DeviceOpenOptions): Promise<ByteTransport>;
}
