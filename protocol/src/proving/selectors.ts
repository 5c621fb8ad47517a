import type { Order } from '../typed-data/order.ts'

/** First bytes of the policy of an order for a Groth16 proof: the selector of the verifier. Part of every deployment. */
export const GROTH16_SELECTOR = '0x00000004'
/** The same for a proof of a model with public weights, which `order.modelId` names in `ModelRegistry`. */
export const MODEL_SELECTOR = '0x00000005'

/** A verifier of Groth16 proofs that the market serves. */
export type ProofSelector = typeof GROTH16_SELECTOR | typeof MODEL_SELECTOR

/** The verifier that an order for a proof names; undefined when it is none of Groth16. */
export const proofSelectorOf = ({ policy }: Pick<Order, 'policy'>): ProofSelector | undefined =>
  ([GROTH16_SELECTOR, MODEL_SELECTOR] as const).find((selector) => policy.startsWith(selector))
