import { DuckMeshError } from '@duckmesh/protocol'

/** Longest line of a relayed answer, and longest answer, bytes. */
export const MAX_LINE_BYTES = 1_048_576
export const MAX_ANSWER_BYTES = 67_108_864

const SEALED_LINES = [/^$/, /^event: ?sealed$/, /^data: ?\{"sealed":"[A-Za-z0-9+/]*={0,2}"\}$/]

/**
 * Lets the lines of a sealed event stream through and nothing else: a provider that answers in the open is cut off
 * before this process has passed it on, and nobody can use the relay to fetch other things. Comments, by which servers
 * keep connections open, lose their text. Source: WHATWG HTML, "Server-sent events".
 * @param chunks body as it comes
 * @throws DuckMeshError `UPSTREAM_ERROR` for a line that is not sealed, one that is too long, or too much
 */
export async function* sealedLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw refused('The answer is too long.')
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE_BYTES) throw refused('A line of the answer is too long.')
    const passed = lines.map(sealedLine).join('')
    if (passed) yield passed
  }
}

function sealedLine(raw: string): string {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
  if (line.startsWith(':')) return ':\n'
  if (line.length <= MAX_LINE_BYTES && SEALED_LINES.some((form) => form.test(line))) return `${line}\n`
  throw refused('A line of the answer is not sealed.')
}

const refused = (message: string): DuckMeshError => new DuckMeshError('UPSTREAM_ERROR', message)
