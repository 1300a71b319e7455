/** TCP connections as streams of bytes: refused, unknown and unreachable hosts are errors before a session starts. */
import { connect, type Socket } from 'node:net';
import { BitwrightError } from '../base/errors.ts';

const connectMs = 10_000;

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host is not known',
  EAI_AGAIN: 'the host is not known',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
};

/** Throws DEVICE_UNAVAILABLE; `where` names the device in it. */
export async function openSocket(where: string, host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), connectMs);
      socket.once('connect', () => resolve(clearTimeout(timer)));
      socket.once('error', (error) => reject(error));
      socket.once('close', () => clearTimeout(timer));
    });
    return socket;
  } catch (cause) {
    socket.destroy();
    const { code, message } = cause as NodeJS.ErrnoException;
    const issue = {
      message: reasons[code ?? ''] ?? `the connection failed: ${message}`,
      where,
      next: 'Check host and port, and that the bridge or emulator behind them is running.',
    };
    throw new BitwrightError('DEVICE_UNAVAILABLE', issue, { cause });
  }
}

/** What every socket transport does alike. */
export function socketStream(socket: Socket): {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly onEnd: (listener: (reason: string) => void) => void;
  readonly close: () => Promise<void>;
} {
  let closing = false;
  let failure = 'the other side closed the connection';
  socket.on('error', (error) => {
    failure = error.message;
  });
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    onEnd: (listener) => {
      socket.on('close', () => {
        if (!closing) listener(failure);
      });
    },
    close: async () => {
      closing = true;
      socket.destroy();
    },
  };
}
