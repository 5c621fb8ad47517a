import { fileURLToPath } from 'node:url'
import { buildNative, type NativeBuild } from './buildNative.ts'

/** The native prover of this machine, built once. */
export const native: NativeBuild = await buildNative()

/** Why tests of the native prover cannot run here; `false` when they can. */
export const noNative: string | false = 'missing' in native ? native.missing : false

/** Path of the native prover. Only where {@link noNative} is false. */
export const nativePath = 'path' in native ? native.path : ''

/** The program that runs single operations, see native/prover/test/main.cpp. */
export const buildVectors = (fast: boolean): Promise<NativeBuild> =>
  buildNative({ fast, mainFolder: fileURLToPath(new URL('../../native/prover/test/', import.meta.url)) })
