/** onnxruntime-web's WebAssembly as a device: what a browser runs, here in Node. One thread, so that nothing but the module decides. */
import { BitwrightError } from '../../base/errors.ts';
import { createCoreSession, type OrtRuntime } from '../core-session.ts';
import type { DeviceProvider } from '../device.ts';
import { type CreateCoreSession, openOnnxDevice } from '../onnx-core.ts';

async function loadRuntime(): Promise<OrtRuntime> {
  try {
    const ort = await import('onnxruntime-web');
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
    return ort as unknown as OrtRuntime;
  } catch (cause) {
    throw new BitwrightError(
      'DEVICE_UNAVAILABLE',
      { message: 'onnxruntime-web cannot be loaded', seen: (cause as Error).message, next: 'Run npm install.' },
      { cause },
    );
  }
}

const createSession: CreateCoreSession = async (model, level) =>
  createCoreSession(await loadRuntime(), model, { executionProviders: ['wasm'], graphOptimizationLevel: level });

export const provider: DeviceProvider = {
  kind: 'onnxruntime-web',
  usage: 'onnxruntime-web[:LEVEL]: model.onnx in the WebAssembly build of ONNX Runtime; LEVEL as for onnxruntime-node',
  probe: async () => {
    try {
      await loadRuntime();
      return { available: true, detail: 'installed with bitwright' };
    } catch (error) {
      return { available: false, detail: (error as Error).message };
    }
  },
  open: (argument, options) => openOnnxDevice('onnxruntime-web', argument, options, createSession),
};
