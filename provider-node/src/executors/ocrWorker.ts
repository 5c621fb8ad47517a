import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker as Thread } from 'node:worker_threads'
import { DuckMeshError } from '@duckmesh/protocol'
import { createWorker, OEM } from 'tesseract.js'

/** File of the English model inside its npm package. */
export const ocrModelPath = join(
  dirname(fileURLToPath(import.meta.resolve('@tesseract.js-data/eng'))),
  '4.0.0_best_int',
  'eng.traineddata.gz',
)

/** A thread that reads images, one at a time. */
export type OcrWorker = {
  /** Text of an image. @throws DuckMeshError `BAD_REQUEST` for an image that cannot be decoded, `EXECUTOR_FAILED` when the thread dies */
  read(image: Buffer): Promise<string>
  /** Ends the thread, whatever it does. */
  end(): Promise<void>
}

/**
 * Starts Tesseract in a thread of its own, with the model from the npm package: nothing is fetched and nothing is
 * written.
 * @throws DuckMeshError `EXECUTOR_FAILED` when it does not start
 */
export async function startOcrWorker(): Promise<OcrWorker> {
  const died = Promise.withResolvers<never>()
  // nobody may be reading when the thread dies
  died.promise.catch((error: unknown) => error)
  const worker = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: dirname(ocrModelPath),
    cacheMethod: 'none',
    gzip: true,
    // without one, tesseract.js throws where nobody can catch it
    errorHandler: () => undefined,
  }).catch((cause: unknown) => {
    throw new DuckMeshError('EXECUTOR_FAILED', 'Tesseract does not start.', {}, { cause })
  })
  const { worker: thread } = worker as unknown as { worker: Thread }
  const die = (cause: unknown) =>
    died.reject(new DuckMeshError('EXECUTOR_FAILED', 'The thread of Tesseract died.', {}, { cause }))
  thread.on('error', die)
  thread.on('exit', (code) => die(new Error(`It ended with code ${code}.`)))
  return {
    async read(image) {
      const reading = worker.recognize(image).catch((cause: unknown) => {
        throw new DuckMeshError('BAD_REQUEST', 'The image cannot be decoded.', { field: 'image' }, { cause })
      })
      return (await Promise.race([reading, died.promise])).data.text
    },
    async end() {
      await worker.terminate()
    },
  }
}
