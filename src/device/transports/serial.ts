/** A board on a serial port of this machine, by the `serialport` package (loaded only here). 8 data bits, no parity, 1 stop bit. */
import type { SerialPort } from 'serialport';
import { BitwrightError } from '../../base/errors.ts';
import { deviceProvider } from '../session.ts';
import type { ByteTransport, TransportProvider } from '../transport.ts';

export const baudDefault = 115_200;
const latencyMs = 100;

/** `PATH[:BAUD]`; a path may have colons of its own. Throws USAGE. */
export function parseSerial(argument: string): { readonly path: string; readonly baud: number } {
  const match = /^(.+):(\d+)$/.exec(argument);
  const path = match?.[1] ?? argument;
  const baud = match === null ? baudDefault : Number(match[2]);
  if (path !== '' && baud >= 300 && baud <= 12_000_000) return { path, baud };
  throw new BitwrightError('USAGE', {
    message: path === '' ? 'needs the path of a port' : 'has a baud rate out of range',
    where: `serial:${argument}`,
    allowed: 'serial:PATH[:BAUD], 300 to 12000000 baud',
    next: 'For example `--device serial:/dev/ttyACM0:115200` or `--device serial:COM3`.',
  });
}

async function loadPackage(): Promise<typeof import('serialport')> {
  return import('serialport').catch((cause: unknown) => {
    const issue = {
      message: 'the package serialport cannot be loaded',
      where: 'serial',
      seen: cause instanceof Error ? cause.message.split('\n')[0]! : String(cause),
      next: 'Install it with `npm install serialport`.',
    };
    throw new BitwrightError('DEVICE_UNAVAILABLE', issue, { cause });
  });
}

interface PortDescription {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
}

async function listPorts(): Promise<string[]> {
  const { SerialPort } = await loadPackage();
  const ports: PortDescription[] = await SerialPort.list().catch(() => []);
  return ports.map(({ path, manufacturer, serialNumber }) =>
    [path, manufacturer, serialNumber].filter((part) => part !== undefined).join(' '),
  );
}

/** The three ways in which a port cannot be opened, each with what to do about it. */
async function openError(path: string, cause: Error): Promise<BitwrightError> {
  const where = `serial port ${path}`;
  const report = (message: string, next: string): BitwrightError =>
    new BitwrightError('DEVICE_UNAVAILABLE', { message, where, next }, { cause });
  if (/lock|busy|temporarily unavailable|access(?: is)? denied/i.test(cause.message)) {
    return report('is in use by another program', 'Close the terminal, debugger or IDE that holds it, then try again.');
  }
  if (/permission/i.test(cause.message)) {
    return report(
      'may not be opened by this user',
      'On Linux add the user to the group of the port (often dialout or uucp) and log in again.',
    );
  }
  if (/no such file|not found|cannot find/i.test(cause.message)) {
    const ports = await listPorts();
    const present = ports.length === 0 ? 'There is no serial port now.' : `Present: ${ports.join('; ')}.`;
    return report('does not exist', `${present} Plug the board in, or correct the path.`);
  }
  return report(`cannot be opened: ${cause.message}`, 'Plug the board in again, or try another port.');
}

async function connect(argument: string): Promise<ByteTransport> {
  const { path, baud } = parseSerial(argument);
  const { SerialPort } = await loadPackage();
  const port = new SerialPort({ path, baudRate: baud, autoOpen: false });
  const failure = await new Promise<Error | null>((resolve) => {
    port.open(resolve);
  });
  if (failure !== null) throw await openError(path, failure);
  return portTransport(port, path, baud);
}

function portTransport(port: SerialPort, path: string, baud: number): ByteTransport {
  let closing = false;
  let failure = 'the port was closed';
  port.on('error', (error) => {
    failure = error.message;
  });
  return {
    description: `serial port ${path} at ${baud} baud`,
    baud,
    latencyMs,
    evidence: 'device',
    write: (bytes) =>
      new Promise((resolve, reject) => {
        port.write(Buffer.from(bytes), (error) => (error ? reject(error) : resolve()));
      }),
    onBytes: (listener) => void port.on('data', listener),
    onEnd: (listener) => {
      port.on('close', (error: Error | null) => {
        if (!closing) listener(error?.message ?? failure);
      });
    },
    close: () =>
      new Promise((resolve) => {
        closing = true;
        if (port.isOpen) port.close(() => resolve());
        else resolve();
      }),
  };
}

export const transport: TransportProvider = {
  kind: 'serial',
  usage: `serial:PATH[:BAUD]: a board on a serial port, such as serial:/dev/ttyACM0 or serial:COM3; ${baudDefault} baud unless said`,
  startMs: 5000,
  probe: async () => {
    const ports = await listPorts();
    return { available: ports.length > 0, detail: ports.length === 0 ? 'no serial port now' : ports.join('; ') };
  },
  connect,
};

export const provider = deviceProvider(transport);
