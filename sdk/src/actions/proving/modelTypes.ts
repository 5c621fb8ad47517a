// Apart from the actions, which bring ABIs and the curve and are loaded when they are first called.
import type { SnarkjsKey } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'

/** A model whose weights everybody may see. */
export type RegisterModelParameters = {
  /** Verifying key of the circuit, with a point for each weight at its end. */
  key: SnarkjsKey
  /** Field elements in the circuit's order. */
  weights: readonly bigint[]
  /** Hash of whatever describes the model; part of its id. */
  metadataHash: Hex
}

/** What is written down of a hidden model. */
export type RegisterHiddenParameters = { keyId: Hex; commitment: bigint; metadataHash: Hex }

/** What was done to register a model. */
export type ModelRegistration = {
  /** With public weights it is `order.modelId` of its proofs. */
  modelId: Hex
  /** Transactions that this call sent; none when the model was registered before. */
  transactions: Hex[]
}

/** A model that the chain can verify proofs of. */
export type RegisteredModel = {
  modelId: Hex
  /** Key of its circuit up to the context. */
  keyId: Hex
  /** Account that brought the last weights. */
  by: Address
  metadataHash: Hex
  /** Transaction that registered it. */
  transaction: Hex
  /** Read from the calldata of the registration and checked against the id; null when a contract sent it. */
  weights: bigint[] | null
}

/** A model of which a commitment alone is known. */
export type HiddenModel = {
  modelId: Hex
  /** Account that says that it has the weights. */
  owner: Address
  /** Verifying key of the circuit that opens the commitment: `order.modelId` of its proofs. */
  keyId: Hex
  /** Last signal of a request. */
  commitment: bigint
}
