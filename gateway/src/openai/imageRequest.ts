import { DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import { z } from 'zod'
import { type ChatBody, refuseUnsupported } from './chatRequest.ts'
import { isEmpty, isNeutral, refuseUnless } from './fields.ts'

const imagePartSchema = z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) })
const textPartSchema = z.object({ type: z.literal('text'), text: z.string() })

/** An image inside the request. Source: RFC 2397, with the types that engines read. */
const DATA_URL = /^data:image\/(?:png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})$/

/**
 * A chat that shows one image, as a request to read its text. How chats sample plays no part in it.
 * @returns undefined for a chat without an image
 * @throws DuckMeshError `UNSUPPORTED_FIELD` for an image elsewhere than in the request, several, or words beside it,
 * which an engine that reads images would not see
 */
export function readImage(body: ChatBody): Extract<StreamRequest, { api: 'ocr' }> | undefined {
  const parts = body.messages.flatMap(({ content }, message) =>
    (Array.isArray(content) ? content : []).map((part, place) => ({
      part,
      at: `messages.${message}.content.${place}`,
    })),
  )
  const shown = parts.find(({ part }) => part.type === 'image_url')
  if (!shown) return undefined
  const others = parts.filter(({ part }) => part !== shown.part)
  const words = body.messages.filter(({ content }) => typeof content === 'string' && content !== '')
  const isAlone =
    words.length === 0 && others.every(({ part }) => textPartSchema.safeParse(part).data?.text === '')
  refuseUnsupported(body)
  refuseUnless(isAlone, 'messages', 'an image is read alone, without words or other images beside it')
  refuseUnless(isEmpty(body.tools), 'tools', 'whoever reads images calls none')
  refuseUnless(isNeutral(body.logprobs, false), 'logprobs', 'images are read without them')
  refuseUnless(isEmpty(body.stop), 'stop', 'images are read to their end')
  const image = imagePartSchema.safeParse(shown.part)
  if (!image.success) {
    throw new DuckMeshError('BAD_REQUEST', 'The image has no URL.', { param: `${shown.at}.image_url.url` })
  }
  const base64 = DATA_URL.exec(image.data.image_url.url)?.[1]
  refuseUnless(
    base64 !== undefined,
    `${shown.at}.image_url.url`,
    'send the image itself, as a data URL (PNG, JPEG or WebP in base64): nothing is fetched',
  )
  return { api: 'ocr', image: base64! }
}
