import { DuckMeshError, type Order, type VerificationMode, verificationModes } from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'

/**
 * Makes sure that an order is for this coordinator, in the mode that is served, and in time.
 * @throws DuckMeshError `WRONG_COORDINATOR`, `UNSUPPORTED_MODE`, `ORDER_EXPIRED`
 */
export function checkTerms({ signer, clock }: Container, order: Order, served: VerificationMode): void {
  const now = nowSeconds(clock)
  if (!isAddressEqual(order.coordinator, signer.address)) {
    const message = `The order names coordinator ${order.coordinator}.`
    throw new DuckMeshError('WRONG_COORDINATOR', message, { coordinator: signer.address })
  }
  if (order.mode !== verificationModes[served]) {
    throw new DuckMeshError('UNSUPPORTED_MODE', `Mode ${order.mode} is not served here.`, { modes: [served] })
  }
  if (order.acceptBy <= now) {
    const message = `acceptBy was ${now - order.acceptBy} s ago.`
    throw new DuckMeshError('ORDER_EXPIRED', message, { acceptBy: order.acceptBy, nowSeconds: now })
  }
}

/**
 * Makes sure that a field of an order keeps a rule.
 * @param rule what the field must be, for people
 * @throws DuckMeshError `ORDER_OUT_OF_BOUNDS`
 */
export function bound(order: Order, holds: boolean, field: keyof Order, rule: string): void {
  if (holds) return
  const message = `order.${field} must be ${rule}.`
  throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', message, { field, value: String(order[field]), rule })
}
