/** One streamed completion as its client saw it. */
export type Streamed = { firstMs: number; tookMs: number; tokens: number }

/**
 * Asks for a streamed completion and reads it to its end.
 * @param url of `/completions`
 * @throws Error when it is refused or not whole
 */
export async function readStream(
  url: string,
  model: string,
  prompt: string,
  maxTokens: number,
): Promise<Streamed> {
  const startedMs = performance.now()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      prompt,
      max_tokens: maxTokens,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    }),
  })
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`)
  let firstMs: number | undefined
  let text = ''
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    firstMs ??= performance.now() - startedMs
    text += part
  }
  const events = text.trim().split('\n\n')
  if (events.at(-1) !== 'data: [DONE]') throw new Error(`not whole: ${events.at(-1)}`)
  const usage = JSON.parse(events.at(-2)!.slice('data: '.length)).usage
  return { firstMs: firstMs!, tookMs: performance.now() - startedMs, tokens: usage.completion_tokens }
}
