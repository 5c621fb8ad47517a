import { DuckMeshError } from '@duckmesh/protocol'

/**
 * Text of an answer, read no further than a limit.
 * @throws DuckMeshError `UPSTREAM_ERROR` when it is longer
 */
export async function readLimited(response: Response, limitBytes: number): Promise<string> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > limitBytes) {
      throw new DuckMeshError('UPSTREAM_ERROR', 'The answer is too long.', { limitBytes })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
