/** How the tensor shapes of an operator vector must hang together. */
import type { IssueList } from '../base/errors.ts';
import { elementCount, type Shape } from '../base/tensor.ts';
import type { OperatorVector } from './operator-vector.ts';

/** Adds an issue for every tensor that does not fit the others. */
export function checkVectorShapes(vector: OperatorVector, issues: IssueList): void {
  const shape = (name: string): Shape => vector.tensors[name].shape;
  const need = (tensor: string, axis: string, seen: number, allowed: number | string, fits: boolean): void => {
    if (!fits) {
      issues.add({
        message: `its ${axis} does not fit the other tensors`,
        where: `${vector.file}: tensors.${tensor}.shape`,
        seen,
        allowed,
      });
    }
  };
  const same = (tensor: string, axis: string, seen: number, allowed: number): void =>
    need(tensor, axis, seen, allowed, seen === allowed);
  const channelTensors = (channels: number): void => {
    same('bias', 'length', shape('bias')[0], channels);
    for (const name of ['multiplier', 'shift']) {
      const [length] = shape(name);
      need(name, 'length', length, `1 or ${channels}`, length === channels || length === 1);
    }
    same('shift', 'length', shape('shift')[0], shape('multiplier')[0]);
  };
  switch (vector.op) {
    case 'conv': {
      const groups = vector.parameters.groups as number;
      const [outputs, , , perGroup] = shape('weights');
      same('weights', 'last axis', perGroup * groups, shape('input')[3]);
      need('weights', 'first axis', outputs, `a multiple of ${groups}`, outputs % groups === 0);
      channelTensors(outputs);
      break;
    }
    case 'depthwise-conv': {
      const [one, , , outputs] = shape('weights');
      same('weights', 'first axis', one, 1);
      need('weights', 'last axis', outputs, `a multiple of ${shape('input')[3]}`, outputs % shape('input')[3] === 0);
      channelTensors(outputs);
      break;
    }
    case 'fully-connected':
      same('weights', 'last axis', shape('weights')[1], shape('input')[1]);
      channelTensors(shape('weights')[0]);
      break;
    case 'add':
    case 'mul':
      for (const name of ['input1', 'input2']) {
        same(name, 'number of elements', elementCount(shape(name)), elementCount(shape('expected')));
      }
      break;
  }
}
