import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ExecutionProfile } from '@duckmesh/protocol'

/** Sampler rules of every DuckMesh run: the whole distribution, shaped by temperature alone. */
export const samplerRules = { topK: 0, topP: 1, minP: 0 } as const

/** Name and version of the embedded engine, e.g. `node-llama-cpp@3.22.1`, from the package that is installed. */
export function llamaEngine(): string {
  const manifestPath = fileURLToPath(new URL('../package.json', import.meta.resolve('node-llama-cpp')))
  const { name, version } = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    name: string
    version: string
  }
  return `${name}@${version}`
}

/** Profile of runs in the embedded engine. */
export function llamaProfile(facts: {
  /** sha256 of the GGUF file, lower-case hex without 0x. */
  sha256: string
  name: string
  quantisation: string
  tokenizer: string
  kernelClass: string
  contextTokens: number
}): ExecutionProfile {
  const { sha256, ...rest } = facts
  return { model: sha256, sampler: { ...samplerRules }, engine: llamaEngine(), ...rest }
}

/**
 * Profile of runs on an OpenAI-compatible server. What the server computes on cannot be seen from outside: the
 * model is what its operator states, and the kernel class is `undisclosed`, so that its results are never
 * compared token by token with those of an embedded engine.
 */
export function openAiProfile(stated: {
  /** sha256 of the model file that the operator says it serves. */
  sha256: string
  name: string
  quantisation: string
  tokenizer: string
  /** Name and version of the server, e.g. `llamafile@0.8.1`. */
  engine: string
  contextTokens: number
}): ExecutionProfile {
  const { sha256, engine, ...rest } = stated
  return {
    model: sha256,
    sampler: { ...samplerRules },
    engine: `openai-compatible:${engine}`,
    kernelClass: 'undisclosed',
    ...rest,
  }
}
