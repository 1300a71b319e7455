/** Makes a byte stream to the firmware a `Device`: load a program, run samples, read back codes, checksums and costs. */
import { allProfiles } from '../arithmetic/registry.ts';
import { crc32 } from '../base/bytes.ts';
import { assert, BitwrightError } from '../base/errors.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { connect } from './connect.ts';
import type {
  Device,
  DeviceEvidence,
  DeviceInfo,
  DeviceOpenOptions,
  DeviceProvider,
  DeviceRun,
  LayerTrace,
  LoadedProgram,
} from './device.ts';
import { Link } from './link.ts';
import { bytesOf, codesOf, type ProgramLayout, readProgramLayout, type TensorLayout } from './program-layout.ts';
import { type MessageName, type Reply, type Request, statusText } from './protocol.ts';
import { bytesPerTraceRecord, costUnits } from './protocol-spec.ts';
import { loadRefusal } from './refusal.ts';
import type { ByteTransport, TransportProvider } from './transport.ts';

export interface SessionOptions extends DeviceOpenOptions {
  /** `serial`, `qemu`, ... */
  readonly kind: string;
  /** The DEVICE argument that leads here again: `qemu:mps2-an386`. */
  readonly id: string;
  /** How long a device may take to start, milliseconds. */
  readonly startMs: number;
}

/** How long a device may work on one operation without a sign of life. */
const silenceMsDefault = 30_000;
/** Bytes of the fields beside `data` in LOAD_DATA, WRITE_INPUT and the replies to READ_...; the largest of them. */
const dataFieldsBytes = 5;

/** Takes over the transport: it is closed with the session, or here if no session comes about. */
export async function openSession(transport: ByteTransport, options: SessionOptions): Promise<Device> {
  const link = new Link(transport, { silenceMs: options.timeoutMs ?? silenceMsDefault, signal: options.signal });
  try {
    const hello = await connect(link, options.timeoutMs ?? options.startMs);
    return new DeviceSession(link, hello, options, evidenceOf(transport, hello));
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The devices behind a family of streams. */
export function deviceProvider(transport: TransportProvider): DeviceProvider {
  const { kind, usage, probe, startMs } = transport;
  const open = async (argument: string, options: DeviceOpenOptions): Promise<Device> => {
    const id = argument === '' ? kind : `${kind}:${argument}`;
    return openSession(await transport.connect(argument, options), { ...options, kind, id, startMs });
  };
  return { kind, usage, probe, open };
}

/** Firmware that counts instructions is built for an emulator, whatever the stream is. */
function evidenceOf(transport: ByteTransport, hello: Reply<'hello'>): DeviceEvidence {
  return costUnits[hello.costUnit] === 'instructions' ? 'emulator' : transport.evidence;
}

class DeviceSession implements Device {
  readonly info: DeviceInfo;
  readonly #link: Link;
  readonly #pieceBytes: number;
  #layout: ProgramLayout | null = null;

  constructor(link: Link, hello: Reply<'hello'>, options: SessionOptions, evidence: DeviceEvidence) {
    this.#link = link;
    this.#pieceBytes = hello.payloadBytesMax - dataFieldsBytes;
    this.info = {
      id: options.id,
      kind: options.kind,
      evidence,
      profiles: allProfiles.filter((profile) => hello.profiles.includes(profile.code)).map((profile) => profile.id),
      programBytesMax: hello.memoryBytes,
      arenaBytesMax: hello.memoryBytes,
      firmware: `${hello.port} ${hello.firmware}`,
      costUnit: costUnits[hello.costUnit]!,
      ...(hello.clockHz === 0 ? {} : { clockHz: hello.clockHz }),
    };
  }

  get link() {
    return this.#link.statistics;
  }

  async load(
    program: Uint8Array,
    onProgress?: (doneBytes: number, totalBytes: number) => void,
  ): Promise<LoadedProgram> {
    const layout = readProgramLayout(program);
    const context = { info: this.info, where: this.#link.transport.description, programBytes: program.length, layout };
    this.#layout = null;
    const begun = await this.#link.request('loadBegin', { programBytes: program.length, crc: crc32(program) });
    if (begun.reply === null) throw loadRefusal(begun.status, context);
    for (let offset = 0; begun.reply.present === 0 && offset < program.length; offset += this.#pieceBytes) {
      const data = program.subarray(offset, offset + this.#pieceBytes);
      await this.#request('loadData', { offset, data });
      onProgress?.(offset + data.length, program.length);
    }
    const ended = await this.#link.request('loadEnd', {});
    if (ended.reply === null) throw loadRefusal(ended.status, context);
    const { arenaBytes, operationCount } = ended.reply;
    if (operationCount !== layout.operations.length) throw this.#nonsense('LOAD_END', `${operationCount} operations`);
    this.#layout = layout;
    return { arenaBytes };
  }

  async run(inputs: readonly CodeArray[]): Promise<DeviceRun> {
    const layout = await this.#writeInputs(inputs);
    const { cost } = await this.#request('run', {});
    const outputs: CodeArray[] = [];
    for (const [port, tensor] of layout.outputs.entries()) {
      outputs.push(await this.#read(tensor, (offset, length) => this.#request('readOutput', { port, offset, length })));
    }
    return { outputs, cost: this.#cost(cost) };
  }

  async trace(inputs: readonly CodeArray[]): Promise<LayerTrace> {
    const layout = await this.#writeInputs(inputs);
    const checksums: number[] = [];
    const costs: (number | null)[] = [];
    const countMax = Math.floor((this.#pieceBytes - dataFieldsBytes) / bytesPerTraceRecord);
    while (checksums.length < layout.operations.length) {
      const first = checksums.length;
      const count = Math.min(countMax, layout.operations.length - first);
      const { records } = await this.#request('trace', { first, count });
      if (records.length !== count * bytesPerTraceRecord) throw this.#nonsense('TRACE', `${records.length} bytes`);
      const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
      for (let at = 0; at < records.length; at += bytesPerTraceRecord) {
        checksums.push(view.getUint32(at, true));
        costs.push(this.#cost(Number(view.getBigUint64(at + 4, true))));
      }
    }
    return { checksums, costs };
  }

  async readOperation(inputs: readonly CodeArray[], operation: number): Promise<CodeArray> {
    const layout = await this.#writeInputs(inputs);
    const tensor = layout.operations[operation];
    assert(tensor !== undefined, `The program has ${layout.operations.length} operations, not ${operation}.`);
    await this.#request('runTo', { operation });
    return this.#read(tensor, (offset, length) =>
      this.#request('readTensor', { tensor: tensor.index, offset, length }),
    );
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #writeInputs(inputs: readonly CodeArray[]): Promise<ProgramLayout> {
    const layout = this.#layout;
    assert(layout !== null, 'A program is loaded before it runs.');
    assert(inputs.length === layout.inputs.length, `The program takes ${layout.inputs.length} inputs.`);
    for (const [port, codes] of inputs.entries()) {
      const bytes = bytesOf(codes);
      const { sizeBytes } = layout.inputs[port]!;
      assert(bytes.length === sizeBytes, `Input ${port} has ${bytes.length} bytes, the program wants ${sizeBytes}.`);
      for (let offset = 0; offset < bytes.length; offset += this.#pieceBytes) {
        await this.#request('writeInput', { port, offset, data: bytes.subarray(offset, offset + this.#pieceBytes) });
      }
    }
    return layout;
  }

  async #read(
    tensor: TensorLayout,
    request: (offset: number, length: number) => Promise<{ readonly data: Uint8Array }>,
  ): Promise<CodeArray> {
    const bytes = new Uint8Array(tensor.sizeBytes);
    for (let offset = 0; offset < bytes.length; offset += this.#pieceBytes) {
      const length = Math.min(this.#pieceBytes, bytes.length - offset);
      const { data } = await request(offset, length);
      if (data.length !== length) throw this.#nonsense('a read', `${data.length} bytes, not ${length}`);
      bytes.set(data, offset);
    }
    return codesOf(tensor.dtype, bytes);
  }

  /** A request that nothing but a fault can refuse, because the program was checked. */
  async #request<N extends MessageName>(name: N, values: Request<N>): Promise<Reply<N>> {
    const replyBytes = name === 'readOutput' || name === 'readTensor' || name === 'trace' ? this.#pieceBytes : 0;
    const answer = await this.#link.request(name, values, { replyBytes });
    if (answer.reply !== null) return answer.reply;
    throw new BitwrightError('DEVICE_FAULT', {
      message: `the device refused ${name}: ${statusText(answer.status)}`,
      where: this.#link.transport.description,
      seen: `status ${answer.status}`,
      next: 'It may have been reset in between: run the command again.',
    });
  }

  #cost(cost: number): number | null {
    return this.info.costUnit === 'none' || !Number.isSafeInteger(cost) ? null : cost;
  }

  #nonsense(what: string, seen: string): BitwrightError {
    return new BitwrightError('LINK_FAILED', {
      message: `the answer to ${what} does not fit the program`,
      where: this.#link.transport.description,
      seen,
      next: 'The firmware does not fit this version of bitwright: flash the image of this release.',
    });
  }
}
