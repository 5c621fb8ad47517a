import { DuckMeshError } from '@duckmesh/protocol'

/**
 * Reads the body of a response as UTF-8 text and stops at a limit: the length header cannot be trusted, so the
 * bytes are counted as they come.
 * @param limitBytes most bytes that are read before the stream is cancelled
 * @throws DuckMeshError `EXECUTOR_FAILED` beyond the limit
 */
export async function readBoundedText(response: Response, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > limitBytes) {
      throw new DuckMeshError('EXECUTOR_FAILED', `The answer is longer than ${limitBytes} bytes.`, {
        limitBytes,
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
