/**
 * What the C runtime answers, declared once: generated into rk_status.h, and turned into sentences on the host when a device
 * reports a number. Codes are negative, explicit and never reused.
 */

export interface StatusCode {
  readonly code: number;
  /** One sentence for users: what the runtime found. */
  readonly sentence: string;
}

export const statusCodes = {
  OK: { code: 0, sentence: 'No error.' },
  ERROR_MAGIC: { code: -1, sentence: 'The bytes do not start like a program (magic BWP1).' },
  ERROR_VERSION: { code: -2, sentence: 'The program has a format version that this runtime does not read.' },
  ERROR_TRUNCATED: { code: -3, sentence: 'The program is shorter or longer than its header says.' },
  ERROR_CRC: { code: -4, sentence: 'The checksum of the program does not fit its bytes.' },
  ERROR_PROFILE: { code: -5, sentence: 'The program wants a numeric profile that this runtime does not implement.' },
  ERROR_OPCODE: { code: -6, sentence: 'The program calls a kernel that this runtime does not have.' },
  ERROR_RULE: { code: -7, sentence: 'An operation asks for a requantization rule that its kernel does not implement.' },
  ERROR_BOUNDS: { code: -8, sentence: 'A section, tensor or constant lies outside the program or the arena.' },
  ERROR_ALIGNMENT: { code: -9, sentence: 'An address or offset is not aligned as the format demands.' },
  ERROR_RECORD: { code: -10, sentence: 'A header, tensor or operation record contradicts itself.' },
  ERROR_ARENA: { code: -11, sentence: 'The arena or its scratch is too small for the program.' },
  ERROR_DTYPE: { code: -12, sentence: 'An operation computes with a data type that its kernel does not implement.' },
  ERROR_SHAPE: { code: -13, sentence: 'The sizes of a tensor do not fit the geometry of its operation.' },
  ERROR_PARAMETERS: { code: -14, sentence: 'A parameter of an operation is out of its range.' },
  ERROR_CONSTANT: {
    code: -15,
    sentence: 'A constant of an operation is missing, too short or holds a value out of range.',
  },
  ERROR_INDEX: { code: -16, sentence: 'At run time an index pointed outside its table.' },
  ERROR_ARGUMENT: {
    code: -17,
    sentence: 'The runtime was called with an argument that does not exist in the program.',
  },
} as const satisfies Record<string, StatusCode>;

export type StatusName = keyof typeof statusCodes;

/** The name and sentence of a code that a device sent, or undefined for a number that no runtime of this version sends. */
export function describeStatus(code: number): { readonly name: StatusName; readonly sentence: string } | undefined {
  const entry = Object.entries(statusCodes).find(([, status]) => status.code === code);
  return entry === undefined ? undefined : { name: entry[0] as StatusName, sentence: entry[1].sentence };
}
