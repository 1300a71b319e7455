import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFields, encodeRequest, statusText } from '../../../src/device/protocol.ts';
import { events, type FieldSpec, linkLimits, linkStatus, messages } from '../../../src/device/protocol-spec.ts';

const page = readFileSync(new URL('../../../docs/link-protocol.md', import.meta.url), 'utf8');
const fixedBytes: Partial<Record<FieldSpec['kind'], number>> = { u8: 1, u16: 2, i16: 2, u32: 4, u64: 8 };
const lists: Partial<Record<FieldSpec['kind'], string>> = { u8List: 'u8[n]', u16List: 'u16[n]' };

/** The byte table of a field list as the page must have it. */
function tableOf(fields: readonly FieldSpec[]): string {
  let at: number | null = 0;
  return fields
    .map(({ name, kind, doc }) => {
      const row = `| ${at ?? ''} | ${lists[kind] ?? kind} | ${name} | ${doc} |`;
      const bytes = fixedBytes[kind];
      at = at === null || bytes === undefined ? null : at + bytes;
      return row;
    })
    .join('\n');
}

const title = (name: string, code: number): string =>
  `### 0x${code.toString(16).toUpperCase().padStart(2, '0')} ${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

describe('docs/link-protocol.md', () => {
  it.each(Object.entries(messages))('has the bytes of %s', (name, { code, request, reply, doc }) => {
    const start = page.indexOf(`${title(name, code)}\n`);
    expect(start).toBeGreaterThan(0);
    const section = page.slice(start, page.indexOf('\n#', start + 1));
    expect(section).toContain(doc);
    if (request.length > 0) expect(section).toContain(tableOf(request));
    expect(section).toContain(tableOf(reply));
  });

  it.each(Object.entries(events))('has the event %s', (name, { code, fields }) => {
    expect(page).toContain(title(name, code));
    expect(page).toContain(tableOf(fields));
  });

  it('has every status and limit', () => {
    for (const [name, { code, text }] of Object.entries(linkStatus))
      expect(page).toContain(`| ${code} | ${name} | ${text} |`);
    expect(page).toContain(`at most ${linkLimits.payloadBytesMax}`);
  });
});

describe('payloads', () => {
  it('of LOAD_DATA are an offset and the bytes', () => {
    const payload = encodeRequest('loadData', { offset: 0x01020304, data: Uint8Array.of(9, 8) });
    expect([...payload]).toEqual([4, 3, 2, 1, 9, 8]);
  });

  it('of the reply to RUN are read with their signs and widths', () => {
    const payload = Uint8Array.of(0xfe, 0xff, 0x05, 0x00, 0x01, 0, 0, 0, 1, 0, 0, 0);
    expect(decodeFields(messages.run.reply, payload)).toEqual({ status: -2, operation: 5, cost: 0x1_0000_0001 });
  });

  it('that end too early, or hold what no device sends, are refused', () => {
    expect(decodeFields(messages.run.reply, Uint8Array.of(0, 0, 1))).toBeNull();
    const text = [{ name: 'port', kind: 'text', doc: '' }] as const;
    expect(decodeFields(text, Uint8Array.of(3, 0x41, 0x42))).toBeNull();
    expect(decodeFields(text, Uint8Array.of(2, 0x41, 0x07))).toBeNull();
    expect(decodeFields(text, Uint8Array.of(2, 0x41, 0x42, 0x43))).toEqual({ port: 'AB' });
    const cost = [{ name: 'cost', kind: 'u64', doc: '' }] as const;
    expect(decodeFields(cost, new Uint8Array(8).fill(255))).toBeNull();
  });

  it('of any bytes are read or refused, without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (payload) => {
        for (const { reply } of Object.values(messages)) decodeFields(reply as readonly FieldSpec[], payload);
      }),
    );
  });
});

describe('status numbers', () => {
  it('are told in words', () => {
    expect(statusText(-205)).toBe(linkStatus.memory.text);
    expect(statusText(-4)).toMatch(/checksum/);
    expect(statusText(-99)).toContain('-99');
  });
});
