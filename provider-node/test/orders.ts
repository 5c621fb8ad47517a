import {
  hashCanonical,
  type InferenceRequest,
  jobIdOf,
  jobKinds,
  type MeshDomain,
  type Order,
  orderTypedData,
  parseDuck,
  verificationModes,
} from '@duckmesh/protocol'
import { type Hex, type LocalAccount, zeroAddress } from 'viem'
import type { Executor } from '../src/executors/executor.ts'

let nonce = 0n

export const request: InferenceRequest = {
  kind: 'inference',
  prompt: 'Once upon a time',
  maxTokens: 24,
  temperature: 0,
  seed: 1,
}

/** An order for what `executor` serves, redundant with three seats unless `fields` say otherwise. */
export function orderFor(executor: Executor, requester: LocalAccount, fields: Partial<Order> = {}): Order {
  nonce += 1n
  return {
    requester: requester.address,
    coordinator: zeroAddress,
    providerId: 0,
    kind: jobKinds.inference,
    mode: verificationModes.redundant,
    seats: 3,
    priceWei: parseDuck('3'),
    bondWei: parseDuck('10'),
    modelId: `0x${executor.profile.model}`,
    inputHash: hashCanonical(request),
    policy: hashCanonical(executor.profile),
    nonce,
    acceptBy: Math.floor(Date.now() / 1_000) + 60,
    execWindow: 60,
    disputeWindow: 0,
    ...fields,
  }
}

/** Signs an order and tells its job id. */
export async function signOrder(domain: MeshDomain, order: Order, requester: LocalAccount) {
  const orderSignature: Hex = await requester.signTypedData(orderTypedData(domain, order))
  return { jobId: jobIdOf(domain, order), orderSignature }
}
