/** What a survey says of every node of a file, whether the model can be imported or not. */
import { expect, test } from 'vitest';
import { createOnnxBuilder, intVector, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { type OnnxSurvey, surveyOnnx } from '../../../src/onnx/survey-onnx.ts';

function survey(build: (b: OnnxBuilder) => void, shape: (number | string)[] = ['N', 3, 4, 4]): OnnxSurvey {
  const builder = createOnnxBuilder();
  builder.input('x', 'float32', shape);
  build(builder);
  builder.output('y', 'float32', []);
  return surveyOnnx(builder.finish({ opset: 13, name: 'test' }));
}

const states = ({ nodes }: OnnxSurvey): string[] => nodes.map(({ name, fate }) => `${name}: ${fate.state}`);

test('imported, folded: reading a shape, Identity and a reshape to the same shape leave no node', () => {
  const { nodes, error, graph, aliases } = survey((b) => {
    b.node('Shape', ['x'], ['s'], { name: 'shape' });
    b.node('Identity', ['x'], ['i'], { name: 'same' });
    b.node('Reshape', ['i', 's'], ['r'], { name: 'as before' });
    b.node('Relu', ['r'], ['y'], { name: 'relu' });
  });
  expect(error).toBeNull();
  expect(nodes.map(({ operator }) => operator)).toEqual(['Shape', 'Identity', 'Reshape', 'Relu']);
  for (const node of nodes.slice(0, 3)) expect(node.fate, node.name).toEqual({ state: 'folded' });
  expect(nodes[3]!.fate).toEqual({ state: 'imported', into: ['relu'] });
  expect(aliases.get('i')).toBe('x');
  expect(graph!.nodes.map(({ name }) => name)).toEqual(['relu']);
});

test('a refused operator hides no other problem, and what can be imported is there', () => {
  const found = survey((b) => {
    b.node('Relu', ['x'], ['a'], { name: 'relu' });
    b.node('LRN', ['a'], ['b'], { name: 'lrn' });
    b.node('Abs', ['b'], ['c'], { name: 'after' });
    b.node('Transpose', ['a'], ['d'], { name: 'turn', attributes: { perm: { ints: [1, 0, 2, 3] } } });
    b.node('Add', ['c', 'd'], ['y'], { name: 'sum' });
  });
  expect(states(found)).toEqual([
    'relu: imported',
    'lrn: rejected',
    'after: blocked',
    'turn: rejected',
    'sum: blocked',
  ]);
  expect(found.error!.code).toBe('MODEL_UNSUPPORTED');
  expect(found.error!.issues.map(({ where }) => where)).toEqual(['node lrn', 'node turn (Transpose)']);
  expect(found.graph!.nodes.map(({ name }) => name)).toEqual(['relu']);
  expect(found.graph!.outputs).toEqual(['a']);
});

test('a shape that must be asked for comes with the operators that are refused', () => {
  const found = survey(
    (b) => {
      b.node('Relu', ['x'], ['a'], { name: 'relu' });
      b.node('If', ['a'], ['y'], { name: 'choose' });
    },
    ['N', 3, 'height', 4],
  );
  expect(states(found)).toEqual(['relu: blocked', 'choose: rejected']);
  expect(found.graph).toBeNull();
  expect(found.error!.message).toMatch(/control flow \(If\)/);
  expect(found.error!.message).toMatch(/height/);
});

test('a broken rule of ONNX weighs more than an operator that is not there', () => {
  const found = survey((b) => {
    b.node('LRN', ['x'], ['a'], { name: 'lrn' });
    b.constant('wanted', intVector([7]));
    b.node('Reshape', ['x', 'wanted'], ['y'], { name: 'reshape' });
  });
  expect(states(found)).toEqual(['lrn: rejected', 'reshape: rejected']);
  expect(found.error!.code).toBe('MODEL_INVALID');
  expect(found.graph).toBeNull();
});
