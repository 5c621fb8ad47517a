/** What is sent. */
export type FetchInit = {
  method: string
  headers: Record<string, string>
  body?: string
  /** Any status but a success is an answer too; one that points elsewhere is not followed. */
  redirect: 'error'
  /** Ends the whole exchange, also while the body is read. */
  signal: AbortSignal
}

/** The head of an answer, and its body as it comes. */
export type FetchAnswer = {
  ok: boolean
  status: number
  headers: { get(name: string): string | null }
  body: AsyncIterable<Uint8Array> | null
}

/** Sends one HTTP request: the part of the web's `fetch` that the buyer uses, so that `fetch` is one. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>
