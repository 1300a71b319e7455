/** Operator vectors: hand-worked ones pass, wrong arithmetic is named, and broken files are refused with file and field. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BitwrightError, IssueList } from '../../../src/base/errors.ts';
import type { OperatorVector } from '../../../src/data/operator-vector.ts';
import { parseVector } from '../../../src/data/parse-vector.ts';
import type { IntegerProgram } from '../../../src/graph/integer-program.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { type ConformanceRunner, loadVectors, runConformance } from '../../../src/validate/conformance.ts';

const folder = fileURLToPath(new URL('../../vectors', import.meta.url));

const engine =
  (change: (program: IntegerProgram) => IntegerProgram = (program) => program): ConformanceRunner =>
  async (program, samples) =>
    samples.map((inputs) => runReference(change(program), [...inputs])[0]);

const withRule = (rule: string) => (program: IntegerProgram) => ({
  ...program,
  operations: program.operations.map((operation) => ({ ...operation, rule })),
});

const vectorNamed = async (name: string): Promise<OperatorVector> =>
  (await loadVectors(folder)).find((vector) => vector.name === name)!;

describe('the vectors of this repository', () => {
  it('pass on the reference', async () => {
    const result = await runConformance(await loadVectors(folder), engine());
    expect(result.failures).toEqual([]);
    expect(result.passed).toBeGreaterThanOrEqual(4);
  });

  it('name the profile that a wrong engine computes', async () => {
    const vector = await vectorNamed('fully_connected_quarter_cmsis_nn');
    const { failures } = await runConformance([vector], engine(withRule('single')));
    expect(failures).toEqual([
      {
        name: vector.name,
        op: 'fully-connected',
        profile: 'cmsis-nn',
        elements: 6,
        of: 12,
        first: { index: 0, expected: -3, actual: -2 },
        explanations: expect.arrayContaining(['matches the profile tflite-single (rule single)']),
        error: null,
      },
    ]);
  });

  it('name swapped nibbles and a zero point with the wrong sign', async () => {
    const vector = await vectorNamed('conv_int4_padded');
    const swapped = (program: IntegerProgram): IntegerProgram => ({
      ...program,
      constants: program.constants.map((constant) =>
        constant.packing === 'int4' ? { ...constant, data: Int8Array.of(-8, 1, 3, 7) } : constant,
      ),
    });
    const flipped = (program: IntegerProgram): IntegerProgram => ({
      ...program,
      operations: program.operations.map((operation) => ({
        ...operation,
        parameters: { ...operation.parameters, inputZeroPoint: -1 },
      })),
    });
    const explanations = async (change: (program: IntegerProgram) => IntegerProgram) =>
      (await runConformance([vector], engine(change))).failures[0].explanations;
    expect(await explanations(swapped)).toContain('matches int4 weights with the nibbles swapped');
    expect(await explanations(flipped)).toContain('matches input zero points with the opposite sign');
  });
});

it('skips what an engine does not implement and goes on after a fault', async () => {
  const vectors = await loadVectors(folder);
  const result = await runConformance(vectors, async (program, samples) => {
    if (program.profile === 'tflite-single') {
      throw new BitwrightError('PROFILE_UNSUPPORTED', { message: 'not in this firmware' });
    }
    if (program.operations[0].kernel === 'conv') throw new BitwrightError('DEVICE_FAULT', { message: 'hard fault' });
    return engine()(program, samples);
  });
  expect([result.skipped, result.failed, result.passed]).toEqual([1, 1, vectors.length - 2]);
  expect(result.failures[0].error).toContain('hard fault');
});

it('ends the run when the device is lost', async () => {
  const lost: ConformanceRunner = async () => {
    throw new BitwrightError('DEVICE_SILENT', { message: 'no answer' });
  };
  await expect(runConformance(await loadVectors(folder), lost)).rejects.toThrow('no answer');
});

describe('broken vectors', () => {
  const base = async () => {
    const { file: _, parameters, ...rest } = await vectorNamed('conv_int4_padded');
    return { ...rest, params: parameters } as unknown as Record<string, unknown> & {
      params: Record<string, unknown>;
      tensors: Record<string, Record<string, unknown>>;
    };
  };
  const problems = (value: unknown): (string | undefined)[] => {
    const issues = new IssueList('VECTORS_INVALID');
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(parseVector(text, 'v.json', issues)).toBe(undefined);
    return issues.issues.map((issue) => issue.where);
  };

  it('are refused with file and field, all at once', async () => {
    const vector = await base();
    expect(problems({ ...vector, profile: 'mystery', op: 'conv' })).toEqual(['v.json: profile']);
    expect(problems({ ...vector, op: 'deconv' })).toEqual(['v.json: op']);
    expect(problems({ ...vector, op: 'toString' })).toEqual(['v.json: op']);
    expect(problems({ ...vector, schema: 'x/9' })).toEqual(['v.json: schema']);
    expect(problems('{')).toEqual(['v.json']);
    expect(problems('[]')).toEqual(['v.json']);
    const params = { ...vector.params, strides: [1], extra: 1, clampMin: 1e9 };
    expect(problems({ ...vector, params })).toEqual([
      'v.json: params.extra',
      'v.json: params.strides',
      'v.json: params.clampMin',
    ]);
  });

  it('may not hold values outside their dtype or data that do not fill the shape', async () => {
    const vector = await base();
    const weights = { ...vector.tensors.weights, data: [1, -9, 7, 3] };
    const input = { ...vector.tensors.input, data: [1] };
    expect(problems({ ...vector, tensors: { ...vector.tensors, weights, input } })).toEqual([
      'v.json: tensors.input.data',
      'v.json: tensors.weights.data[1]',
    ]);
    const huge = { ...vector.tensors.input, shape: [65535, 65535, 65535, 65535] };
    expect(problems({ ...vector, tensors: { ...vector.tensors, input: huge } })).toEqual([
      'v.json: tensors.input.shape',
    ]);
  });

  it('may not have shapes that contradict each other', async () => {
    const vector = await base();
    const bias = { dtype: 'int32', shape: [2], data: [1, 2] };
    expect(problems({ ...vector, tensors: { ...vector.tensors, bias } })).toEqual(['v.json: tensors.bias.shape']);
    expect(problems({ ...vector, params: { ...vector.params, groups: 3 } })).toEqual([
      'v.json: tensors.weights.shape',
      'v.json: tensors.weights.shape',
    ]);
  });

  it('make the whole folder an error that names each file', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'vectors-'));
    await writeFile(join(broken, 'a.json'), '{');
    await writeFile(join(broken, 'b.json'), '{}');
    const error = await loadVectors(broken).catch((reason: unknown) => reason as BitwrightError);
    await rm(broken, { recursive: true });
    expect(error).toMatchObject({ code: 'VECTORS_INVALID' });
    expect((error as BitwrightError).message).toMatch(/a\.json[\s\S]*b\.json/);
    await expect(loadVectors(join(broken, 'gone'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
