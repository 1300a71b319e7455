/** tcp and rfc2217 against servers of this test, with the emulated Pico behind them. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openDevice } from '../../../src/device/registry.ts';
import { escapeTelnet, negotiate, subnegotiate, TelnetDecoder, telnet } from '../../../src/device/telnet.ts';
import { transport as pico } from '../../../src/device/transports/pico-emulator.ts';
import { parseRfc2217 } from '../../../src/device/transports/rfc2217.ts';
import { pack } from '../../../src/package/pack.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { randomInputs, sampleProgram } from '../simulate/sample-program.ts';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Listens on a free port of this machine. */
function serve(onSocket: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  return new Promise((resolve) => {
    server!.listen(0, '127.0.0.1', () => resolve((server!.address() as { port: number }).port));
  });
}

async function bridge(socket: Socket, toSocket: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) {
  const board = await pico.connect('', {});
  board.onBytes((bytes) => socket.write(toSocket(bytes)));
  socket.on('close', () => void board.close());
  return board;
}

/** What an RFC 2217 server does: agrees to everything and answers each setting with its value. */
function serveComPort(socket: Socket, rates: number[]): void {
  const board = bridge(socket, escapeTelnet);
  const decoder = new TelnetDecoder((event) => {
    if (event.kind === 'negotiation') {
      if (event.command === telnet.will) socket.write(negotiate(telnet.doIt, event.option));
      return;
    }
    const [option, command, ...value] = event.bytes;
    if (option !== telnet.optionComPort) return;
    if (command === 1) rates.push(new DataView(event.bytes.buffer).getUint32(2));
    socket.write(subnegotiate(Uint8Array.of(option, command! + 100, ...value)));
  });
  socket.on('data', (bytes) => {
    const data = decoder.push(bytes).slice();
    void board.then((open) => open.write(data));
  });
}

async function runThrough(spec: string) {
  const program = sampleProgram(2);
  const inputs = randomInputs(program, 1, 2);
  const device = await openDevice(spec);
  await device.load(pack(program));
  expect((await device.run(inputs)).outputs).toEqual(runReference(program, inputs));
  await device.close();
  return device;
}

describe('tcp', () => {
  it('reaches a board behind a raw socket', async () => {
    const port = await serve((socket) => {
      const board = bridge(socket);
      socket.on('data', (bytes) => void board.then((open) => open.write(bytes)));
    });
    await runThrough(`tcp:127.0.0.1:${port}`);
  });

  it('says what is wrong: nobody listens, hung up, silent, no port', async () => {
    const port = await serve((socket) => void socket.destroy());
    await expect(openDevice(`tcp:127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'LINK_FAILED' });
    await new Promise((resolve) => server!.close(resolve));
    await expect(openDevice(`tcp:127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringContaining('nothing listens') as string,
    });
    const mute = await serve(() => {});
    await expect(openDevice(`tcp:127.0.0.1:${mute}`, { timeoutMs: 600 })).rejects.toMatchObject({
      code: 'DEVICE_SILENT',
    });
    await expect(openDevice('tcp:localhost')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('rfc2217', () => {
  it('sets the baud rate and reaches the board, with 255s doubled', async () => {
    const rates: number[] = [];
    const port = await serve((socket) => serveComPort(socket, rates));
    const device = await runThrough(`rfc2217://127.0.0.1:${port}?baud=57600`);
    expect(rates).toEqual([57_600]);
    expect(device.link!.baud).toBe(57_600);
    expect(device.link!.retries).toBe(0);
  });

  it('refuses a server that does not know the COM-PORT option', async () => {
    const port = await serve((socket) => void socket.write(negotiate(telnet.dont, telnet.optionComPort)));
    await expect(openDevice(`rfc2217://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringContaining('COM-PORT') as string,
    });
  });

  it('parses hosts, IPv6 and the baud rate', () => {
    expect(parseRfc2217('//[::1]:4000')).toEqual({ host: '::1', port: 4000, baud: 115_200 });
    expect(parseRfc2217('//lab:4000?baud=9600')).toEqual({ host: 'lab', port: 4000, baud: 9600 });
    for (const wrong of ['//lab', '//lab:0', '//lab:99999', '//lab:4000?parity=e'])
      expect(() => parseRfc2217(wrong)).toThrow();
  });
});
