/** A board behind a serial port server that speaks RFC 2217 (ser2net, labgrid, pyserial): Telnet that also sets the baud rate. */
import type { Socket } from 'node:net';
import { BitwrightError } from '../../base/errors.ts';
import { parseHostPort } from '../arguments.ts';
import { deviceProvider } from '../session.ts';
import { openSocket, socketStream } from '../socket.ts';
import { escapeTelnet, negotiate, subnegotiate, TelnetDecoder, type TelnetEvent, telnet } from '../telnet.ts';
import type { ByteTransport, TransportProvider } from '../transport.ts';

const baudDefault = 115_200;
const latencyMs = 500;
const agreementMs = 5000;

/** Commands of the client; the server answers each with the same number plus 100. */
const comPort = { setBaudRate: 1, setDataSize: 2, setParity: 3, setStopSize: 4, setControl: 5, purgeData: 12 } as const;
const serverOffset = 100;

/** `//HOST:PORT[?baud=N]`. */
export function parseRfc2217(argument: string): {
  readonly host: string;
  readonly port: number;
  readonly baud: number;
} {
  const [address = '', query] = argument.split('?', 2);
  const baud = query === undefined ? baudDefault : Number(/^baud=(\d{3,8})$/.exec(query)?.[1]);
  if (!Number.isInteger(baud)) {
    throw new BitwrightError('USAGE', {
      message: 'has an option that is not known',
      where: `rfc2217:${argument}`,
      seen: query ?? '',
      allowed: 'baud=N',
      next: 'For example `--device rfc2217://localhost:4000?baud=115200`.',
    });
  }
  return { ...parseHostPort('rfc2217', address), baud };
}

async function connect(argument: string): Promise<ByteTransport> {
  const { host, port, baud } = parseRfc2217(argument);
  const description = `rfc2217://${host}:${port} at ${baud} baud`;
  const socket = await openSocket(description, host, port);
  const stream = socketStream(socket);
  let onEvent: (event: TelnetEvent) => void = () => {};
  let onData: (bytes: Uint8Array) => void = () => {};
  const decoder = new TelnetDecoder((event) => onEvent(event));
  socket.on('data', (bytes) => {
    const data = decoder.push(bytes);
    if (data.length > 0) onData(data);
  });
  try {
    await agree(socket, baud, description, (listener) => {
      onEvent = listener;
    });
  } catch (error) {
    await stream.close();
    throw error;
  }
  return {
    description,
    baud,
    latencyMs,
    evidence: 'device',
    ...stream,
    write: (bytes) => stream.write(escapeTelnet(bytes)),
    onBytes: (listener) => {
      onData = listener;
    },
  };
}

/** Binary both ways and the port set up, or DEVICE_UNAVAILABLE: a server that does not take the COM-PORT option is no RFC 2217 server. */
function agree(
  socket: Socket,
  baud: number,
  where: string,
  listen: (listener: (event: TelnetEvent) => void) => void,
): Promise<void> {
  const { will, wont, doIt, dont, optionBinary, optionSuppressGoAhead, optionComPort } = telnet;
  const wanted: readonly number[] = [optionBinary, optionSuppressGoAhead, optionComPort];
  const offered = new Set<string>();
  const offer = (command: number, option: number): void => {
    if (offered.has(`${command} ${option}`)) return;
    offered.add(`${command} ${option}`);
    socket.write(negotiate(command, option));
  };
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => {
      clearTimeout(timer);
      const next =
        'Use tcp:HOST:PORT for a raw socket, or set the server up for RFC 2217 (ser2net: `telnet(rfc2217)`).';
      reject(new BitwrightError('DEVICE_UNAVAILABLE', { message, where, next }));
    };
    const timer = setTimeout(() => fail('the server did not agree to RFC 2217 in time'), agreementMs);
    socket.once('close', () => fail('the server closed the connection'));
    listen((event) => {
      if (event.kind === 'subnegotiation') {
        if (event.bytes[0] !== optionComPort || event.bytes[1] !== comPort.setBaudRate + serverOffset) return;
        clearTimeout(timer);
        const set = event.bytes.length < 6 ? 0 : new DataView(event.bytes.buffer).getUint32(2);
        if (set === baud) resolve();
        else fail(`the server set ${set} baud, not ${baud}`);
      } else if (event.command === doIt) {
        offer(wanted.includes(event.option) ? will : wont, event.option);
        if (event.option === optionComPort) setUpPort(socket, baud);
      } else if (event.command === will) {
        offer(wanted.includes(event.option) ? doIt : dont, event.option);
      } else if (event.command === dont && event.option === optionComPort) {
        fail('the server does not take the COM-PORT option');
      }
    });
    offer(will, optionComPort);
    for (const option of [optionBinary, optionSuppressGoAhead]) {
      offer(will, option);
      offer(doIt, option);
    }
  });
}

function setUpPort(socket: Socket, baud: number): void {
  const rate = new Uint8Array(4);
  new DataView(rate.buffer).setUint32(0, baud);
  const noParity = 1;
  const oneStopBit = 1;
  const noFlowControl = 1;
  const purgeBoth = 3;
  for (const [command, value] of [
    [comPort.setDataSize, [8]],
    [comPort.setParity, [noParity]],
    [comPort.setStopSize, [oneStopBit]],
    [comPort.setControl, [noFlowControl]],
    [comPort.purgeData, [purgeBoth]],
    [comPort.setBaudRate, [...rate]],
  ] as const) {
    socket.write(subnegotiate(Uint8Array.of(telnet.optionComPort, command, ...value)));
  }
}

export const transport: TransportProvider = {
  kind: 'rfc2217',
  usage: `rfc2217://HOST:PORT[?baud=N]: a board behind a serial port server with RFC 2217; ${baudDefault} baud unless said`,
  startMs: 5000,
  probe: async () => ({ available: true, detail: 'needs a server such as ser2net on the other side' }),
  connect,
};

export const provider = deviceProvider(transport);
