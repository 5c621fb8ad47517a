import type { Request, Response } from 'express'
import type { Caller, Gateway } from '../gateway.ts'
import type { RequestLife } from './requestLife.ts'

/** One call as the handlers of the surface see it. */
export type Call = {
  gateway: Gateway
  caller: Caller
  request: Request
  response: Response
  life: RequestLife
}
