/** The part of snarkjs that this package uses; the package itself ships no types. */
declare module 'snarkjs' {
  /** A file on disk, or one in memory. */
  export type Source = string | Uint8Array | { type: 'mem'; data?: Uint8Array }

  export interface Proof {
    protocol: string
    curve: string
    pi_a: string[]
    pi_b: string[][]
    pi_c: string[]
  }

  export interface Logger {
    info(message: string): void
    warn(message: string): void
    error(message: string): void
    debug(message: string): void
  }

  /** BN254 in WebAssembly. Points in memory are affine, in Montgomery form, little-endian. */
  export interface Curve {
    tm: {
      memory: WebAssembly.Memory
      instance: { exports: Record<string, (...args: number[]) => number> }
      /** Where the module's own data end. */
      initalPFree: number
    }
    G1: { g: Uint8Array }
    G2: { g: Uint8Array }
    terminate(): Promise<void>
  }

  export const curves: {
    getCurveFromName(name: string, options?: { singleThread?: boolean }): Promise<Curve>
  }
  export const groth16: {
    prove(
      zkey: Source,
      witness: Source,
      logger?: Logger,
      options?: { singleThread?: boolean },
    ): Promise<{ proof: Proof; publicSignals: string[] }>
    verify(key: unknown, publicSignals: string[], proof: Proof, logger?: Logger): Promise<boolean>
  }
  export const wtns: {
    calculate(inputs: unknown, wasm: Source, witness: Source): Promise<void>
  }
  export const powersOfTau: {
    newAccumulator(curve: Curve, power: number, file: Source, logger?: Logger): Promise<Uint8Array>
    contribute(from: Source, to: Source, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>
    preparePhase2(from: Source, to: Source, logger?: Logger): Promise<void>
  }
  export const zKey: {
    newZKey(r1cs: Source, ptau: Source, zkey: Source, logger?: Logger): Promise<Uint8Array | -1>
    contribute(from: Source, to: Source, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>
    beacon(
      from: Source,
      to: Source,
      name: string,
      beacon: string,
      iterationsBits: number,
      logger?: Logger,
    ): Promise<Uint8Array>
    verifyFromR1cs(r1cs: Source, ptau: Source, zkey: Source, logger?: Logger): Promise<boolean>
    exportVerificationKey(zkey: Source, logger?: Logger): Promise<unknown>
  }
}
