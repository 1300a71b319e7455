/** What every host engine offers: it takes the packed bytes that ship and runs samples through them. */

/** Quantized inputs: for each program input, `samples` consecutive samples of physical (channels-last) codes. */
export interface SampleBatch {
  readonly samples: number;
  readonly inputs: readonly (Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>)[];
}

export type CodeArray = Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

export interface RunOptions {
  readonly tensors?: readonly number[];
  /** Default 0. Large results are taken in parts, from the first sample on. */
  readonly first?: number;
  /** End of the samples; default: all. */
  readonly samples?: number;
}

/**
 * A batched simulator over a fixed set of samples. `run` executes program.bin bytes; operations whose record, constants and inputs
 * are unchanged since the last run are not executed again (prefix caching), which never changes a result.
 */
export interface SimulationPool {
  readonly workers: number;
  setInputs(batch: SampleBatch): Promise<void>;
  /**
   * Runs the program over samples [first, samples) and returns one code array per requested tensor index (default: the program's
   * outputs), sample after sample.
   */
  run(program: Uint8Array, options?: RunOptions): Promise<CodeArray[]>;
  /** Sums of a tensor's codes over samples [0, samples), by channel (its last axis): whole numbers, the same for any number of workers. */
  sumChannels(
    program: Uint8Array,
    tensor: number,
    channels: number,
    samples: number,
  ): Promise<Float64Array<ArrayBuffer>>;
  close(): Promise<void>;
}
