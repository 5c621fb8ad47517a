import { AbiCoder, keccak256, type Signer, TypedDataEncoder, type TypedDataField } from 'ethers'

/** EIP-712 types, written out a second time so that a change of the Solidity side alone is noticed. */
export const types = {
  Order: fields(
    'address requester,address coordinator,uint32 providerId,uint8 kind,uint8 mode,uint8 seats,uint96 priceWei,uint96 bondWei,bytes32 modelId,bytes32 inputHash,bytes32 policy,uint64 nonce,uint40 acceptBy,uint32 execWindow,uint32 disputeWindow',
  ),
  Assignment: fields(
    'bytes32 jobId,uint8 round,uint32[] seats,bytes32 seed,bytes32 candidatesHash,uint40 issuedAt',
  ),
  SeatCommit: fields('bytes32 assignmentHash,uint32 providerId,bytes32 commitment'),
  SeatReveal: fields('bytes32 assignmentHash,uint32 providerId,bytes32 seatsDigest,bytes32 outputHash'),
  AuctionResult: fields('bytes32 jobId,bytes bids'),
  Receipt: fields(
    'bytes32 jobId,uint32 providerId,bytes32 outputHash,bytes32 assignmentHash,uint96 amountWei,uint32 promptTokens,uint32 completionTokens,uint40 startedAt,uint40 finishedAt',
  ),
  KeyRotation: fields('uint32 providerId,address newKey,uint16 keyEpoch'),
  ChannelConfig: fields('address payer,address payerKey,uint32 providerId,uint40 withdrawDelay,bytes32 salt'),
  ProofClaim: fields('bytes32 jobId,uint32 providerId,bytes32 outputHash,bytes32 proofHash'),
  Stream: fields(
    'bytes32 channelId,bytes32 requestHash,bytes32 policy,uint8 mode,uint96 requestWei,uint96 promptTokenWei,uint96 tokenWei,uint64 nonce,uint40 expiresAt',
  ),
  Voucher: fields('bytes32 channelId,uint96 maxCumulativeWei'),
} as const

export type StructName = keyof typeof types

export interface Order {
  requester: string
  coordinator: string
  providerId: number
  kind: number
  mode: number
  seats: number
  priceWei: bigint
  bondWei: bigint
  modelId: string
  inputHash: string
  policy: string
  nonce: bigint
  acceptBy: number
  execWindow: number
  disputeWindow: number
}

export interface Assignment {
  jobId: string
  round: number
  seats: number[]
  seed: string
  candidatesHash: string
  issuedAt: number
}

export interface Receipt {
  jobId: string
  providerId: number
  outputHash: string
  assignmentHash: string
  amountWei: bigint
  promptTokens: number
  completionTokens: number
  startedAt: number
  finishedAt: number
}

export interface ChannelConfig {
  payer: string
  payerKey: string
  providerId: number
  withdrawDelay: number
  salt: string
}

export interface Domain {
  name: 'DuckMesh'
  version: '1'
  chainId: bigint
  verifyingContract: string
}

export function digestOf(domain: Domain, name: StructName, message: object): string {
  return TypedDataEncoder.hash(domain, { [name]: types[name] }, message)
}

export function signStruct(signer: Signer, domain: Domain, name: StructName, message: object) {
  return signer.signTypedData(domain, { [name]: types[name] }, message)
}

/** keccak256(abi.encode(jobId, round, providerId, outputHash, salt)). */
export function commitmentOf(jobId: string, round: number, providerId: number, output: string, salt: string) {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['bytes32', 'uint8', 'uint32', 'bytes32', 'bytes32'],
      [jobId, round, providerId, output, salt],
    ),
  )
}

function fields(list: string): TypedDataField[] {
  return list.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })
}
