import { DuckMeshError, type ErrorCode } from '@duckmesh/protocol'
import { ZodError } from 'zod'

/** An error as the OpenAI API writes it, with what DuckMesh knows beyond. */
export type ErrorBody = {
  error: {
    message: string
    type: string
    param: string | null
    code: string
    duckmesh: {
      code: string
      hint: string
      retryable: boolean
      actor: string
      details: unknown
      why: unknown
    }
  }
}

/** Codes that have a word of their own in the OpenAI API. All others keep ours. */
const words: Partial<Record<ErrorCode, { type?: string; code: string }>> = {
  UNAUTHENTICATED: { code: 'invalid_api_key' },
  UNKNOWN_MODEL: { code: 'model_not_found' },
  PROMPT_TOO_LONG: { code: 'context_length_exceeded' },
  UNSUPPORTED_FIELD: { code: 'unsupported_parameter' },
  BAD_REQUEST: { code: 'invalid_value' },
  RATE_LIMITED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  // the API says 429 here, which its clients try again: nothing gets better by that, so the status stays 402
  BUDGET_SPENT: { type: 'insufficient_quota', code: 'insufficient_quota' },
  CREDIT_TOO_LOW: { type: 'insufficient_quota', code: 'insufficient_quota' },
  INSUFFICIENT_FUNDS: { type: 'insufficient_quota', code: 'insufficient_quota' },
}

/**
 * An error in the form of the OpenAI API. Source: OpenAI API reference, "Error codes".
 * @example errorBody(new DuckMeshError('UNKNOWN_MODEL', 'No provider streams "duck9".')).error.code // 'model_not_found'
 */
export function errorBody(error: DuckMeshError): ErrorBody {
  const { code, message, hint, retryable, actor, details, status } = error
  const word = words[code]
  const { param, skipped, why = skipped, ...rest } = details
  return {
    error: {
      message: `${message} ${hint}`,
      type: word?.type ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
      param: typeof param === 'string' ? param : null,
      code: word?.code ?? code,
      duckmesh: { code, hint, retryable, actor, details: rest, why: why ?? [] },
    },
  }
}

/** Most issues of a body that are told. */
const MAX_ISSUES = 20

/**
 * What a handler threw, as an error for the caller. What is unforeseen says nothing: its text may name paths or queries.
 */
export function toCallerError(thrown: unknown): DuckMeshError {
  if (thrown instanceof ZodError) {
    const issues = thrown.issues
      .slice(0, MAX_ISSUES)
      .map(({ path, message }) => ({ path: path.join('.'), message }))
    const [first] = issues
    const param = first?.path || null
    const details = { issues, param }
    return new DuckMeshError('BAD_REQUEST', `${param ?? 'The body'}: ${first?.message}.`, details)
  }
  const type = (thrown as { type?: unknown } | null)?.type
  if (type === 'entity.too.large') {
    const { limit } = thrown as { limit?: number }
    const details = { limitBytes: limit }
    return new DuckMeshError('BODY_TOO_LARGE', `The body is longer than ${limit} bytes.`, details)
  }
  if (typeof type === 'string' && /^(entity|encoding|charset|request)\./.test(type)) {
    return new DuckMeshError('BAD_REQUEST', 'The body is not JSON.')
  }
  const error = DuckMeshError.from(thrown)
  return error.code === 'INTERNAL' ? new DuckMeshError('INTERNAL', 'Something unforeseen failed.') : error
}
