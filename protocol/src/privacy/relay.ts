import { sealedSchema, streamBodySchema } from '../streaming/wire.ts'

/**
 * `POST /v1/relay/:providerId/v1/streams`: what a relay takes and hands to the provider as it is. There is no open
 * request in it, and the session is under the seal.
 */
export const relayBodySchema = streamBodySchema.omit({ request: true }).extend({ sealed: sealedSchema })
