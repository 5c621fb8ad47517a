/** A call that the contract must refuse, with the name of its custom error. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly reason: string
  constructor(reason: string) {
    super(`refused: ${reason}`)
    this.reason = reason
  }
}

export function demand(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new RefusedError(reason)
}

export interface ModelProvider {
  owner: string
  key: string
  stakedWei: bigint
  lockedWei: bigint
  unstakingWei: bigint
  unstakeAt: number
  /** Earned and not moved yet, the fee included. */
  earnedWei: bigint
}

const BPS = 10_000n

/** What a deployment was built with. */
export interface ModelParams {
  treasury: string
  feeBps: bigint
  minStakeWei: bigint
  maxJobLifeSeconds: number
  unbondSeconds: number
}

/**
 * Accounts and stakes as the specification says them, without any of the packing of the contract. Every method is one
 * call at second `now`: it changes the balances or throws RefusedError and changes nothing.
 */
export class LedgerModel {
  readonly params: ModelParams
  readonly free = new Map<string, bigint>()
  readonly providers: ModelProvider[] = []
  private readonly usedNonces = new Set<string>()
  meshWei = 0n
  burnedWei = 0n

  constructor(params: ModelParams) {
    this.params = params
  }

  /** Balance and earnings, less the fee on these. */
  freeOf(account: string): bigint {
    const earnedWei = this.ownedBy(account)?.earnedWei ?? 0n
    return (this.free.get(account) ?? 0n) + earnedWei - this.feeOf(earnedWei)
  }

  feeDueOf(account: string): bigint {
    return this.feeOf(this.ownedBy(account)?.earnedWei ?? 0n)
  }

  /** Moves earnings to their owners, the fee to the treasury. */
  collect(ids: number[]): void {
    for (const id of ids) this.moveEarned(this.providers[id - 1])
  }

  deposit(account: string, amountWei: bigint): void {
    demand(amountWei > 0n, 'ZeroAmount')
    this.credit(account, amountWei)
    this.meshWei += amountWei
  }

  withdraw(account: string, amountWei: bigint): void {
    demand(amountWei > 0n, 'ZeroAmount')
    this.debit(account, amountWei)
    this.meshWei -= amountWei
  }

  register(owner: string, key: string, stakeWei: bigint): void {
    demand(!this.providers.some((provider) => provider.owner === owner), 'AlreadyRegistered')
    demand(stakeWei >= this.params.minStakeWei, 'StakeBelowMinimum')
    demand(this.freeOf(owner) >= stakeWei, 'InsufficientFree')
    demand(!this.providers.some((provider) => provider.key === key), 'KeyTaken')
    this.debit(owner, stakeWei)
    this.providers.push({
      owner,
      key,
      stakedWei: stakeWei,
      lockedWei: 0n,
      unstakingWei: 0n,
      unstakeAt: 0,
      earnedWei: 0n,
    })
  }

  stake(caller: string, id: number, amountWei: bigint): void {
    const provider = this.owned(caller, id)
    demand(amountWei > 0n, 'ZeroAmount')
    this.debit(caller, amountWei)
    provider.stakedWei += amountWei
  }

  startUnstake(caller: string, id: number, amountWei: bigint, now: number): void {
    const provider = this.owned(caller, id)
    demand(amountWei > 0n, 'ZeroAmount')
    demand(amountWei <= provider.stakedWei - provider.lockedWei, 'InsufficientStake')
    provider.stakedWei -= amountWei
    provider.unstakingWei += amountWei
    provider.unstakeAt = now + this.params.unbondSeconds
  }

  cancelUnstake(caller: string, id: number): void {
    const provider = this.owned(caller, id)
    demand(provider.unstakingWei > 0n, 'NothingUnstaking')
    provider.stakedWei += provider.unstakingWei
    provider.unstakingWei = 0n
    provider.unstakeAt = 0
  }

  finishUnstake(caller: string, id: number, now: number): void {
    const provider = this.owned(caller, id)
    demand(provider.unstakingWei > 0n, 'NothingUnstaking')
    demand(now >= provider.unstakeAt, 'TooEarly')
    this.meshWei -= provider.unstakingWei
    provider.unstakingWei = 0n
    provider.unstakeAt = 0
  }

  invalidateNonce(requester: string, nonce: bigint): void {
    this.usedNonces.add(`${requester}:${nonce}`)
  }

  isNonceUsed(requester: string, nonce: bigint): boolean {
    return this.usedNonces.has(`${requester}:${nonce}`)
  }

  credit(account: string, amountWei: bigint): void {
    this.free.set(account, (this.free.get(account) ?? 0n) + amountWei)
  }

  debit(account: string, amountWei: bigint): void {
    demand(this.freeOf(account) >= amountWei, 'InsufficientFree')
    // Earnings move only when the balance does not do, and then all of them: that is when their fee is rounded.
    if ((this.free.get(account) ?? 0n) < amountWei) this.moveEarned(this.ownedBy(account))
    this.credit(account, -amountWei)
  }

  /** Pays a provider, gross. */
  earn(id: number, amountWei: bigint): void {
    this.providerAt(id).earnedWei += amountWei
  }

  burn(amountWei: bigint): void {
    this.meshWei -= amountWei
    this.burnedWei += amountWei
  }

  providerAt(id: number): ModelProvider {
    const provider = this.providers[id - 1]
    if (!provider) throw new Error(`The model has no provider ${id}`)
    return provider
  }

  /** Throws unless the bond can be locked. */
  demandBond(id: number, bondWei: bigint): void {
    const provider = this.providerAt(id)
    this.demandActive(id)
    demand(provider.stakedWei - provider.lockedWei >= bondWei, 'InsufficientStake')
  }

  lock(id: number, bondWei: bigint): void {
    this.providerAt(id).lockedWei += bondWei
  }

  unlock(id: number, bondWei: bigint): void {
    this.providerAt(id).lockedWei -= bondWei
  }

  /** Takes a locked bond out of the stake; the caller says where it goes. */
  slash(id: number, bondWei: bigint): void {
    this.unlock(id, bondWei)
    this.providerAt(id).stakedWei -= bondWei
  }

  demandOperator(caller: string, id: number): void {
    const { owner, key } = this.providerAt(id)
    demand(caller === owner || caller === key, 'NotProvider')
  }

  protected demandActive(id: number): void {
    demand(this.providerAt(id).stakedWei >= this.params.minStakeWei, 'ProviderInactive')
  }

  private feeOf(grossWei: bigint): bigint {
    return (grossWei * this.params.feeBps) / BPS
  }

  private ownedBy(account: string): ModelProvider | undefined {
    return this.providers.find(({ owner }) => owner === account)
  }

  private moveEarned(provider: ModelProvider | undefined): void {
    if (!provider) return
    const { owner, earnedWei } = provider
    provider.earnedWei = 0n
    this.credit(owner, earnedWei - this.feeOf(earnedWei))
    this.credit(this.params.treasury, this.feeOf(earnedWei))
  }

  private owned(caller: string, id: number): ModelProvider {
    const provider = this.providerAt(id)
    demand(provider.owner === caller, 'NotOwner')
    return provider
  }
}
