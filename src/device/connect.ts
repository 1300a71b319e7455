/**
 * HELLO, and what went wrong when it gets no answer: a silent board, another baud rate, other firmware and another protocol version are
 * four different errors.
 */
import { BitwrightError } from '../base/errors.ts';
import type { Link } from './link.ts';
import type { Reply } from './protocol.ts';
import { linkLimits } from './protocol-spec.ts';

/** HELLO is sent this often while a board starts. */
const helloRepeatMs = 300;
/** Below this part of printable bytes, what was heard is noise and no text. */
const printableShareMin = 0.85;

/** Opens a session; `patienceMs` is how long a board may take to start. */
export async function connect(link: Link, patienceMs: number): Promise<Reply<'hello'>> {
  const versions = { versionMin: linkLimits.versionMin, versionMax: linkLimits.versionMax };
  const answer = await link
    .request(
      'hello',
      { magic: linkLimits.helloMagic, ...versions },
      { patienceMs, repeatMs: Math.max(helloRepeatMs, link.transport.latencyMs) },
    )
    .catch((cause: unknown) => {
      throw silenceError(link, cause);
    });
  if (answer.reply !== null) return checked(answer.reply, link);
  throw new BitwrightError('DEVICE_MISMATCH', {
    message: 'the firmware and this bitwright share no version of the link protocol',
    where: link.transport.description,
    allowed: `versions ${linkLimits.versionMin} to ${linkLimits.versionMax}`,
    next: 'Flash the firmware of this release (runtime-kernels/prebuilt).',
  });
}

/** A device that promises nonsense is refused before anything is allocated for it. */
function checked(hello: Reply<'hello'>, link: Link): Reply<'hello'> {
  const { versionMin, versionMax, payloadBytesMax, helloPayloadBytesMax } = linkLimits;
  const wrong: string[] = [];
  if (hello.version < versionMin || hello.version > versionMax) wrong.push(`version ${hello.version}`);
  if (hello.payloadBytesMax < helloPayloadBytesMax || hello.payloadBytesMax > payloadBytesMax)
    wrong.push(`payloads of ${hello.payloadBytesMax} bytes`);
  if (hello.costUnit > 3) wrong.push(`cost unit ${hello.costUnit}`);
  if (wrong.length === 0) return hello;
  throw new BitwrightError('DEVICE_MISMATCH', {
    message: 'the device answered HELLO with values that no firmware of bitwright sends',
    where: link.transport.description,
    seen: wrong.join(', '),
    next: 'Flash the firmware of this release (runtime-kernels/prebuilt).',
  });
}

function silenceError(link: Link, cause: unknown): unknown {
  const unanswered =
    cause instanceof BitwrightError && (cause.code === 'DEVICE_SILENT' || cause.code === 'LINK_FAILED');
  const { description, baud } = link.transport;
  if (!unanswered || cause.message.includes('the connection ended')) return cause;
  if (link.echoes > 0) {
    return new BitwrightError('LINK_FAILED', {
      message: 'the line sends back what is sent to it, and nothing else',
      where: description,
      next: 'Check that TX and RX are not joined, and switch off echo in the adapter or bridge.',
    });
  }
  if (link.frames > 0) return cause;
  const heard = link.heard;
  if (heard.length === 0) {
    return new BitwrightError('DEVICE_SILENT', {
      message: 'not a single byte came back',
      where: description,
      next: 'Check power, cable (are TX and RX crossed?) and port, and that the firmware of runtime-kernels/prebuilt is on the board.',
    });
  }
  const text = printable(heard);
  if (text !== null) {
    return new BitwrightError('DEVICE_MISMATCH', {
      message: 'something else than the firmware of bitwright answers there',
      where: description,
      seen: `"${text}"`,
      next: 'Flash the firmware of runtime-kernels/prebuilt, or choose another port.',
    });
  }
  return new BitwrightError('LINK_FAILED', {
    message: 'bytes came back, but neither text nor the link protocol',
    where: description,
    seen: Array.from(heard.subarray(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join(' '),
    next:
      baud === null
        ? 'Check that the other side passes bytes on unchanged (no telnet, no echo, 8 bits).'
        : `The baud rate is most likely not ${baud}; the ports in runtime-kernels/prebuilt use 115200.`,
  });
}

/** What was heard as one line of at most 60 characters, or null where most of it is not printable ASCII. */
function printable(heard: Uint8Array): string | null {
  const isText = (byte: number): boolean =>
    (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 9;
  if (heard.filter(isText).length < printableShareMin * heard.length) return null;
  const line = Array.from(heard, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ' ')).join('');
  return line.replace(/ +/g, ' ').trim().slice(0, 60);
}
