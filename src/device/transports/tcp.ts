/** A board behind a plain TCP socket: ser2net in raw mode, socat, an emulator's socket. The baud rate is set on the other side. */
import { parseHostPort } from '../arguments.ts';
import { deviceProvider } from '../session.ts';
import { openSocket, socketStream } from '../socket.ts';
import type { ByteTransport, TransportProvider } from '../transport.ts';

const latencyMs = 500;

async function connect(argument: string): Promise<ByteTransport> {
  const { host, port } = parseHostPort('tcp', argument);
  const description = `tcp:${host}:${port}`;
  const socket = await openSocket(description, host, port);
  return {
    description,
    baud: null,
    latencyMs,
    evidence: 'device',
    ...socketStream(socket),
    onBytes: (listener) => void socket.on('data', listener),
  };
}

export const transport: TransportProvider = {
  kind: 'tcp',
  usage: 'tcp:HOST:PORT: a board behind a raw TCP socket (ser2net, socat, an emulator)',
  startMs: 5000,
  probe: async () => ({ available: true, detail: 'needs a bridge such as ser2net on the other side' }),
  connect,
};

export const provider = deviceProvider(transport);
