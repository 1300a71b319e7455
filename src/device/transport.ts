/** A stream of bytes to a device: what a serial port, a socket, a child process and an emulator have in common. */

export interface ByteTransport {
  /** For errors: `serial port /dev/ttyACM0 at 115200 baud`. */
  readonly description: string;
  /** Baud rate where there is one. */
  readonly baud: number | null;
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
