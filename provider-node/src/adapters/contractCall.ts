import { duckMeshAbi, duckTokenAbi } from '@duckmesh/protocol'
import { type Abi, type Address, concat } from 'viem'
import type { ChainCall } from '../ports/chain.ts'

/** A call in the words of viem. */
export type ContractCall = {
  address: Address
  abi: Abi
  functionName: string
  args: readonly unknown[]
}

/**
 * The contract call of a `ChainCall`.
 * @param mesh address of DuckMesh
 * @param token address of DUCK
 */
export function contractCall(call: ChainCall, mesh: Address, token: Address): ContractCall {
  if (call.kind === 'approve') {
    return { address: token, abi: duckTokenAbi, functionName: 'approve', args: [mesh, call.amountWei] }
  }
  return { address: mesh, abi: duckMeshAbi, functionName: call.kind, args: argumentsOf(call) }
}

function argumentsOf(call: Exclude<ChainCall, { kind: 'approve' }>): readonly unknown[] {
  switch (call.kind) {
    case 'deposit':
      return [call.amountWei]
    case 'registerProvider':
      return [call.signingKey, call.profileHash, call.endpoint, call.stakeWei]
    case 'stake':
      return [call.providerId, call.amountWei]
    case 'commitSeat': {
      const { order, orderSignature, assignment, assignmentSignature } = call
      const seat = [call.providerId, call.commitment, call.seatSignature]
      return [order, orderSignature, assignment, assignmentSignature, ...seat]
    }
    case 'sealSeats':
      return [call.order, call.assignment]
    case 'openSeat':
      return [call.order, call.seats, call.commitments, BigInt(call.index), call.outputHash, call.salt]
    case 'openSeats':
      return [call.order, call.seats, call.commitments, call.outputs, call.salts]
    case 'acceptJob':
      return [call.order, call.providerId]
    case 'submitResult':
      return [call.jobId, call.outputHash]
    case 'proveSeatEquivocation': {
      const { order, assignment, first, firstSignature, second, secondSignature } = call
      return [order, assignment, first, firstSignature, second, secondSignature]
    }
    case 'claim': {
      const claims = call.claims.map(({ voucherSignature: _signature, ...claim }) => claim)
      return [call.providerId, claims, concat(call.claims.map(({ voucherSignature }) => voucherSignature))]
    }
    case 'settleProof':
      return [call.order, call.orderSignature, call.providerId, call.outputHash, call.proof]
    case 'finalizeJob':
    case 'expireJob':
      return [call.order]
  }
}
