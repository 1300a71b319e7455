/**
 * Requests and replies over a stream that may lose, change or add bytes: one request at a time, sent again until its reply is there or the
 * patience is used up. It never waits for ever, and it never takes the reply of another request.
 */
import { BitwrightError } from '../base/errors.ts';
import type { LinkStatistics } from './device.ts';
import { encodeFrame, type Frame, FrameDecoder } from './frame.ts';
import { decodeFields, encodeRequest, type MessageName, type Reply, type Request } from './protocol.ts';
import { events, linkLimits, messages } from './protocol-spec.ts';
import type { ByteTransport } from './transport.ts';

export interface LinkOptions {
  /** How long a device may be silent while it works on one request, milliseconds. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<N extends MessageName> {
  /** null where the device refused. */
  readonly reply: Reply<N> | null;
  readonly status: number;
}

/** Sends of one request before the link counts as broken. */
const attemptsMax = 24;
/** Least repeat interval once the device has said that it is at work: its reply could still be lost. */
const busyRepeatMs = 2000;
const heardBytesMax = 256;

interface Pending {
  readonly name: MessageName;
  readonly wire: Uint8Array;
  readonly payloadBytes: number;
  readonly repeatMs: number;
  attempts: number;
  deadlineMs: number;
  /** Last operation that BUSY named, -1 before. */
  busyAt: number;
  timer: NodeJS.Timeout | undefined;
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: BitwrightError) => void;
}

export class Link {
  readonly transport: ByteTransport;
  readonly #options: LinkOptions;
  readonly #decoder = new FrameDecoder();
  #sequence = Math.floor(Math.random() * 256);
  #pending: Pending | null = null;
  #broken: BitwrightError | null = null;
  #wireBytes = 0;
  #payloadBytes = 0;
  #retries = 0;
  /** The first bytes that came in, to tell wrong baud rates and other firmware from silence. */
  #heard: number[] = [];
  #frames = 0;
  #echoes = 0;

  constructor(transport: ByteTransport, options: LinkOptions) {
    this.transport = transport;
    this.#options = options;
    transport.onBytes((bytes) => this.#receive(bytes));
    transport.onEnd((reason) => {
      this.#break(
        new BitwrightError('LINK_FAILED', {
          message: `the connection ended: ${reason}`,
          where: transport.description,
          next: 'Check the cable and power, or start the device again.',
        }),
      );
    });
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get heard(): Uint8Array {
    return Uint8Array.from(this.#heard);
  }

  /** Whole frames received, of whatever meaning. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames received that were our own requests. */
  get echoes(): number {
    return this.#echoes;
  }

  get statistics(): LinkStatistics {
    return {
      baud: this.transport.baud,
      bytes: this.#wireBytes,
      retries: this.#retries,
      efficiency: this.#wireBytes === 0 ? 1 : this.#payloadBytes / this.#wireBytes,
    };
  }

  /**
   * The reply's fields, or null and the status of a refusal. `replyBytes` is the payload expected back, for the
   * timing of repeats. Throws LINK_FAILED, DEVICE_SILENT, DEVICE_FAULT or INTERRUPTED.
   */
  async request<N extends MessageName>(
    name: N,
    values: Request<N>,
    timing: { readonly replyBytes?: number; readonly patienceMs?: number; readonly repeatMs?: number } = {},
  ): Promise<Answer<N>> {
    const payload = await this.#exchange(name, encodeRequest(name, values), timing);
    const head = decodeFields([{ name: 'status', kind: 'i16', doc: '' }] as const, payload);
    if (head !== null && head.status !== 0) return { reply: null, status: head.status };
    const reply = decodeFields(messages[name].reply, payload);
    if (reply === null) {
      throw new BitwrightError('LINK_FAILED', {
        message: `the answer to ${name} does not follow the protocol`,
        where: this.transport.description,
        seen: `${payload.length} bytes`,
        next: 'The firmware does not fit this version of bitwright: flash the image of this release.',
      });
    }
    return { reply: reply as unknown as Reply<N>, status: 0 };
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#break(
      new BitwrightError('INTERRUPTED', { message: 'the session was closed', where: this.transport.description }),
    );
    await this.transport.close();
  }

  readonly #abort = (): void => {
    this.#break(new BitwrightError('INTERRUPTED', { message: 'interrupted', where: this.transport.description }));
  };

  #exchange(
    name: MessageName,
    payload: Uint8Array,
    timing: { readonly replyBytes?: number; readonly patienceMs?: number; readonly repeatMs?: number },
  ): Promise<Uint8Array> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    this.#sequence = (this.#sequence + 1) & 0xff;
    const wire = encodeFrame({ type: messages[name].code, sequence: this.#sequence, payload });
    const wireMs = ((wire.length + (timing.replyBytes ?? 0)) * 10_000) / (this.transport.baud ?? 1_000_000);
    const repeatMs = timing.repeatMs ?? 2 * wireMs + 2 * this.transport.latencyMs;
    return new Promise((resolve, reject) => {
      this.#pending = {
        name,
        wire,
        payloadBytes: payload.length,
        repeatMs,
        attempts: 0,
        deadlineMs: performance.now() + Math.max(timing.patienceMs ?? this.#options.silenceMs, repeatMs),
        busyAt: -1,
        timer: undefined,
        resolve,
        reject,
      };
      this.#send(this.#pending);
    });
  }

  #send(pending: Pending): void {
    pending.attempts++;
    this.#wireBytes += pending.wire.length;
    if (pending.attempts === 1) this.#payloadBytes += pending.payloadBytes;
    else this.#retries++;
    this.transport.write(pending.wire).catch((cause: unknown) => {
      const message = `could not be written to: ${cause instanceof Error ? cause.message : String(cause)}`;
      this.#break(new BitwrightError('LINK_FAILED', { message, where: this.transport.description }, { cause }));
    });
    this.#schedule(pending);
  }

  #schedule(pending: Pending): void {
    clearTimeout(pending.timer);
    const wanted = pending.busyAt >= 0 ? Math.max(busyRepeatMs, pending.repeatMs) : pending.repeatMs;
    const left = Math.max(0, pending.deadlineMs - performance.now());
    pending.timer = setTimeout(() => this.#onTimer(pending), Math.min(wanted, left));
  }

  #onTimer(pending: Pending): void {
    const late = performance.now() >= pending.deadlineMs;
    const worn = pending.busyAt < 0 && pending.attempts >= attemptsMax;
    if (!late && !worn) this.#send(pending);
    else this.#break(this.#givenUp(pending));
  }

  #givenUp({ name, busyAt, attempts }: Pending): BitwrightError {
    const where = this.transport.description;
    if (busyAt >= 0) {
      return new BitwrightError('DEVICE_FAULT', {
        message: `the device stopped answering while it ran operation ${busyAt}`,
        where,
        next: 'Reset the device; raise the timeout if the operation is simply long.',
      });
    }
    if (this.#decoder.damaged > 0) {
      return new BitwrightError('LINK_FAILED', {
        message: `no undamaged answer to ${name} after ${attempts} attempts`,
        where,
        seen: `${this.#decoder.damaged} damaged frames`,
        next: 'Try a lower baud rate, a shorter cable, or another adapter.',
      });
    }
    return new BitwrightError('DEVICE_SILENT', {
      message: `no answer to ${name} after ${attempts} attempts`,
      where,
      next: 'Reset the device and check that it has power.',
    });
  }

  #receive(bytes: Uint8Array): void {
    this.#wireBytes += bytes.length;
    for (let index = 0; index < bytes.length && this.#heard.length < heardBytesMax; index++)
      this.#heard.push(bytes[index]!);
    for (const frame of this.#decoder.push(bytes)) {
      this.#frames++;
      this.#handle(frame);
    }
  }

  #handle({ type, sequence, payload }: Frame): void {
    const pending = this.#pending;
    if (type === events.fault.code) {
      this.#break(faultError(payload, this.transport.description));
    } else if (pending === null) {
      return;
    } else if (type === messages[pending.name].code) {
      this.#echoes++;
    } else if (type === events.damaged.code) {
      if (pending.attempts < attemptsMax) this.#send(pending);
    } else if (sequence !== this.#sequence) {
      return;
    } else if (type === events.busy.code) {
      this.#onBusy(pending, payload);
    } else if (type === (messages[pending.name].code | linkLimits.replyBit)) {
      clearTimeout(pending.timer);
      this.#payloadBytes += payload.length;
      this.#pending = null;
      pending.resolve(payload);
    }
  }

  /** Only progress buys time: a device that says BUSY for ever is given up all the same. */
  #onBusy(pending: Pending, payload: Uint8Array): void {
    const busy = decodeFields(events.busy.fields, payload);
    if (busy === null || busy.operation <= pending.busyAt) return;
    pending.busyAt = busy.operation;
    pending.deadlineMs = performance.now() + this.#options.silenceMs;
    this.#schedule(pending);
  }

  #break(error: BitwrightError): void {
    this.#broken ??= error;
    const pending = this.#pending;
    this.#pending = null;
    clearTimeout(pending?.timer);
    pending?.reject(error);
  }
}

function faultError(payload: Uint8Array, where: string): BitwrightError {
  const fault = decodeFields(events.fault.fields, payload);
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  const at = fault === null ? '' : ` (exception ${fault.kind} at pc ${hex(fault.pc)}, lr ${hex(fault.lr)})`;
  return new BitwrightError('DEVICE_FAULT', {
    message: `the processor faulted${at}`,
    where,
    next: 'Please report it with the program; the device has started again.',
  });
}
