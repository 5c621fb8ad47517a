import { DuckMeshError } from '@duckmesh/protocol'
import type { z } from 'zod'

/**
 * Reads something untrusted by its schema.
 * @throws DuckMeshError `BAD_REQUEST` with the fields in `details.issues`
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  throw new DuckMeshError('BAD_REQUEST', 'The request does not match its schema.', { issues })
}
