/** onnxruntime-node as a device: the CPU kernels that the `onnxruntime` profile describes, on this machine. */
import { BitwrightError } from '../../base/errors.ts';
import { createCoreSession, type OrtRuntime } from '../core-session.ts';
import type { DeviceProvider } from '../device.ts';
import { type CreateCoreSession, openOnnxDevice } from '../onnx-core.ts';

async function loadRuntime(): Promise<OrtRuntime> {
  try {
    return (await import('onnxruntime-node')).default as unknown as OrtRuntime;
  } catch (cause) {
    throw new BitwrightError(
      'DEVICE_UNAVAILABLE',
      {
        message: 'onnxruntime-node cannot be loaded',
        seen: (cause as Error).message,
        next: 'Run npm install on a platform that it supports.',
      },
      { cause },
    );
  }
}

const createSession: CreateCoreSession = async (model, level) =>
  createCoreSession(await loadRuntime(), model, { graphOptimizationLevel: level });

export const provider: DeviceProvider = {
  kind: 'onnxruntime-node',
  usage:
    'onnxruntime-node[:LEVEL]: model.onnx in ONNX Runtime on this CPU; LEVEL is disabled, basic, extended or all (default)',
  probe: async () => {
    try {
      await loadRuntime();
      return { available: true, detail: 'installed with bitwright' };
    } catch (error) {
      return { available: false, detail: (error as Error).message };
    }
  },
  open: (argument, options) => openOnnxDevice('onnxruntime-node', argument, options, createSession),
};
