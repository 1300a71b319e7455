/**
 * An RP2040 that runs in slices between other work: time is counted in processor cycles, so the same program always costs the same. rp2040js
 * has the instructions and peripherals; here are its clock, its main loop and the feeding of its UART.
 */
import type { Logger, RP2040 } from 'rp2040js';
import type { Uf2Block } from './uf2.ts';

const ramAddress = 0x20000000;
const nanosecondsPerCycle = 8;
const uartReceiveEmpty = 0x10;
/** Bytes put into the 32-byte FIFO at once, and the time that they take: 160 cycles a byte are 7.8 Mbaud, which the firmware just keeps up with. */
const feedBytes = 16;
const feedCycles = feedBytes * 160;
/** Instructions between two looks at alarms and the wall clock. */
const instructionsPerTurn = 20_000;
/** Wall time of one slice, milliseconds; other work of the process runs in between. */
const sliceMs = 8;

export interface PicoMachine {
  feed(bytes: Uint8Array): void;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  onEnd(listener: (reason: string) => void): void;
  stop(): void;
}

type Clock = NonNullable<ConstructorParameters<typeof RP2040>[0]>;

/** Time as the processor's cycle count; alarms ring when `ring` finds them due. */
class CycleClock implements Clock {
  cycles: () => number = () => 0;
  readonly #due = new Map<object, { readonly atNanos: number; readonly callback: () => void }>();

  get nanos(): number {
    return this.cycles() * nanosecondsPerCycle;
  }

  createAlarm(callback: () => void): ReturnType<Clock['createAlarm']> {
    const alarm = {
      schedule: (deltaNanos: number) => void this.#due.set(alarm, { atNanos: this.nanos + deltaNanos, callback }),
      cancel: () => void this.#due.delete(alarm),
    };
    return alarm;
  }

  /** Cycle of the next alarm, Infinity for none. */
  get nextCycle(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { atNanos } of this.#due.values()) next = Math.min(next, atNanos);
    return next / nanosecondsPerCycle;
  }

  ring(): void {
    const now = this.nanos;
    for (const [alarm, { atNanos, callback }] of [...this.#due]) {
      if (atNanos > now) continue;
      this.#due.delete(alarm);
      callback();
    }
  }
}

/** What rp2040js only logs (unaligned words, addresses that do not exist, unknown instructions) faults on a real Pico: it ends the run. */
const faultLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (component, message) => {
    if (component === 'RP2040' || component === 'CortexM0Core') throw new Error(message);
  },
  error: (_component, message) => {
    throw new Error(message);
  },
};

/** Boots the blocks of a UF2 file that is linked to RAM, as the boot ROM does: everything in place, then a jump to the lowest address. */
export async function startPico(blocks: readonly Uf2Block[]): Promise<PicoMachine> {
  const { RP2040 } = await import('rp2040js');
  const clock = new CycleClock();
  const rp2040 = new RP2040(clock);
  rp2040.logger = faultLogger;
  clock.cycles = () => rp2040.core.cycles;
  for (const { address, bytes } of blocks) rp2040.sram.set(bytes, address - ramAddress);
  rp2040.core.PC = blocks.reduce((lowest, { address }) => Math.min(lowest, address), 0xffffffff);
  return new Machine(rp2040, clock);
}

class Machine implements PicoMachine {
  readonly #rp2040: RP2040;
  readonly #clock: CycleClock;
  #waiting: Uint8Array[] = [];
  #waitingAt = 0;
  #feedAtCycle = 0;
  #sent: number[] = [];
  #scheduled = false;
  #stopped = false;
  #listener: (bytes: Uint8Array) => void = () => {};
  #endListener: (reason: string) => void = () => {};

  constructor(rp2040: RP2040, clock: CycleClock) {
    this.#rp2040 = rp2040;
    this.#clock = clock;
    rp2040.uart[0].onByte = (byte) => this.#sent.push(byte);
  }

  feed(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#schedule();
  }

  readonly onBytes = (listener: (bytes: Uint8Array) => void): void => {
    this.#listener = listener;
  };

  readonly onEnd = (listener: (reason: string) => void): void => {
    this.#endListener = listener;
  };

  stop(): void {
    this.#stopped = true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#stopped) return;
      try {
        const idle = this.#runSlice();
        if (this.#sent.length > 0) this.#listener(Uint8Array.from(this.#sent.splice(0)));
        if (!idle) this.#schedule();
      } catch (error) {
        this.#stopped = true;
        this.#endListener(`the emulator failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  }

  /** True when the processor sleeps and nothing can wake it but more bytes. */
  #runSlice(): boolean {
    const { core } = this.#rp2040;
    const endMs = performance.now() + sliceMs;
    do {
      this.#feedUart();
      if (core.waiting && !this.#wake()) return true;
      const alarmCycle = this.#clock.nextCycle;
      const untilCycle = this.#waiting.length > 0 ? Math.min(alarmCycle, this.#feedAtCycle) : alarmCycle;
      let left = instructionsPerTurn;
      while (left-- > 0 && !core.waiting && core.cycles < untilCycle) core.executeInstruction();
      if (core.cycles >= alarmCycle) this.#clock.ring();
    } while (performance.now() < endMs);
    return false;
  }

  #feedUart(): void {
    const { core, uart: uarts } = this.#rp2040;
    const uart = uarts[0];
    const early = core.cycles < this.#feedAtCycle && !core.waiting;
    if (this.#waiting.length === 0 || early) return;
    this.#feedAtCycle = core.cycles + feedCycles;
    if ((uart.flags & uartReceiveEmpty) === 0) return;
    const bytes = this.#waiting[0]!;
    const end = Math.min(this.#waitingAt + feedBytes, bytes.length);
    while (this.#waitingAt < end) uart.feedByte(bytes[this.#waitingAt++]!);
    if (end < bytes.length) return;
    this.#waiting.shift();
    this.#waitingAt = 0;
  }

  /** rp2040js sleeps on although an interrupt is already pending when WFI comes; a processor does not. */
  #wake(): boolean {
    const { core } = this.#rp2040;
    if ((core.pendingInterrupts & core.enabledInterrupts) === 0 && !core.pendingSystick) return false;
    core.waiting = false;
    core.interruptsUpdated = true;
    return true;
  }
}
