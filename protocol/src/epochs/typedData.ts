import type { Address, TypedDataDomain } from 'viem'
import type { ProviderId } from '../ids.ts'

/** Where vouchers and notes of epochs count: one EpochSettler contract on one chain. */
export type EpochDomain = {
  chainId: number
  /** Address of the EpochSettler contract. */
  verifyingContract: Address
}

/** EIP-712 domain of the EpochSettler; not that of the mesh, so no statement counts in both. */
export const epochDomain = ({ chainId, verifyingContract }: EpochDomain) =>
  ({
    name: 'DuckMesh EpochSettler',
    version: '1',
    chainId,
    verifyingContract,
  }) as const satisfies TypedDataDomain

/** EIP-712 type of an EpochVoucher; field order is that of `contracts/src/types/EpochVoucher.sol`. */
export const epochVoucherTypes = {
  EpochVoucher: [
    { name: 'coordinatorId', type: 'uint32' },
    { name: 'serial', type: 'uint32' },
    { name: 'purseId', type: 'uint32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'maxWei', type: 'uint96' },
  ],
} as const

/** EIP-712 type of a CreditNote; field order is that of `contracts/src/types/CreditNote.sol`. */
export const creditNoteTypes = {
  CreditNote: [
    { name: 'coordinatorId', type: 'uint32' },
    { name: 'serial', type: 'uint32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'totalWei', type: 'uint96' },
  ],
} as const

/** A payer's promise: in the epoch with this serial, up to `maxWei` of this purse may go to this provider. */
export type EpochVoucher = {
  coordinatorId: number
  /** The coordinator's `nextSerial` when it is signed. */
  serial: number
  purseId: number
  providerId: ProviderId
  /** DUCK wei of all jobs of this purse, provider and serial together; a larger voucher replaces a smaller one. */
  maxWei: bigint
}

/** A coordinator's promise: its epoch with this serial credits at least `totalWei` to this provider. */
export type CreditNote = {
  coordinatorId: number
  serial: number
  providerId: ProviderId
  /** Gross DUCK wei, all payers of this serial together. */
  totalWei: bigint
}

/**
 * Typed data of an EpochVoucher, signed by the key of the purse.
 * @example const signature = await account.signTypedData(epochVoucherTypedData(domain, voucher))
 */
export const epochVoucherTypedData = (domain: EpochDomain, voucher: EpochVoucher) =>
  ({
    domain: epochDomain(domain),
    types: epochVoucherTypes,
    primaryType: 'EpochVoucher',
    message: voucher,
  }) as const

/**
 * Typed data of a CreditNote, signed by the key of the coordinator.
 * @example const signature = await account.signTypedData(creditNoteTypedData(domain, note))
 */
export const creditNoteTypedData = (domain: EpochDomain, note: CreditNote) =>
  ({
    domain: epochDomain(domain),
    types: creditNoteTypes,
    primaryType: 'CreditNote',
    message: note,
  }) as const
