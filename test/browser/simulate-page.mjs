/**
 * Runs in the browser: loads dist/web.js as it is, without a bundler, does the job that the server has and posts what came of it.
 */
const post = (result) => fetch('./result', { method: 'POST', body: JSON.stringify(result) });

async function simulate({ program, inputs, samples, tensors, workers, hideWorkers }) {
  if (hideWorkers) Reflect.deleteProperty(globalThis, 'Worker');
  const web = await import('./dist/web.js');
  const bytes = Uint8Array.from(program);
  const codes = inputs.map((values) => Int8Array.from(values));
  const pool = await web.createSimulationPool(workers === null ? {} : { workers });
  try {
    await pool.setInputs({ samples, inputs: codes.map((values) => values.slice()) });
    const outputs = await pool.run(bytes, { tensors });
    const first = codes.map((values) => values.slice(0, values.length / samples));
    return {
      workers: pool.workers,
      hasWorkers: typeof Worker === 'function',
      outputs: outputs.map((values) => [...values]),
      reference: web.runReference(web.unpack(bytes), first).map((values) => [...values]),
      repacked: [...web.pack(web.unpack(bytes))],
    };
  } finally {
    await pool.close();
  }
}

try {
  const response = await fetch('./job');
  await post(await simulate(await response.json()));
} catch (error) {
  await post({ code: error.code ?? null, error: String(error.message) });
}
