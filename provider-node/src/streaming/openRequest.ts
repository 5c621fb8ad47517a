import {
  DuckMeshError,
  hashCanonical,
  type PlainEvent,
  type StreamBody,
  type StreamRequest,
} from '@duckmesh/protocol'

/** Turns an event, name and JSON text, into what travels; results come in the order of the calls. */
export type SealEvent = (plain: PlainEvent) => Promise<PlainEvent>

/** A request in the clear, and how its answer travels. */
export type OpenedRequest = {
  request: StreamRequest
  /** Session of the payer, when it came under the seal. */
  authorization: string | null
  sealEvent: SealEvent
}

/** Opens the body of a stream: the one place that knows how requests and answers are sealed. */
export type OpenRequest = (body: StreamBody) => Promise<OpenedRequest>

/**
 * Opens a body and checks that the request is the one that the stream names.
 * @throws DuckMeshError `INPUT_MISMATCH`, and what `open` throws
 */
export async function openAndCheck(open: OpenRequest, body: StreamBody): Promise<OpenedRequest> {
  const opened = await open(body)
  if (hashCanonical(opened.request) === body.stream.requestHash) return opened
  throw new DuckMeshError('INPUT_MISMATCH', 'The request is not the one that `stream.requestHash` names.')
}
