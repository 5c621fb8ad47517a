import { DuckMeshError } from '@duckmesh/protocol'
import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp'

let shared: Promise<Llama> | undefined

/**
 * The llama.cpp library of this process, loaded once. It is never disposed of by us: `llama.dispose()` frees the
 * native back end for every model of the process, also those of other executors; the library does it at exit.
 * `build: 'never'` and `skipDownload` make sure that it neither compiles nor fetches anything.
 * @throws DuckMeshError `EXECUTOR_FAILED` when no prebuilt library fits this machine (musl, old glibc)
 */
export function llamaRuntime(): Promise<Llama> {
  shared ??= getLlama({
    build: 'never',
    gpu: false,
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
  }).catch((cause: unknown) => {
    shared = undefined
    throw new DuckMeshError(
      'EXECUTOR_FAILED',
      'No prebuilt llama.cpp library fits this machine; use an OpenAI-compatible server instead.',
      { platform: process.platform, architecture: process.arch },
      { cause },
    )
  })
  return shared
}
