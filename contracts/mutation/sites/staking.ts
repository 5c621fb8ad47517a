import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** Stakes, bonds, earnings and keys. */
export const stakingMutants: Mutant[] = [
  ...mutantsOf(
    'staking/ProviderRegistry.sol',
    ['staking/registration', 'staking/unstaking', 'staking/keys'],
    [
      {
        name: 'registerProvider: the treasury may own a provider',
        find: 'require(msg.sender != _treasury, NotOwner(0, msg.sender));',
        replace: '',
        tests: ['governance/fees'],
      },
      {
        name: 'registerProvider: the minimum itself is refused',
        find: 'require(stakeWei >= minStakeWei, StakeBelowMinimum',
        replace: 'require(stakeWei > minStakeWei, StakeBelowMinimum',
      },
      without('registerProvider: the stake is not paid', '_debit(msg.sender, stakeWei);'),
      {
        name: 'registerProvider: while new work is frozen',
        find: '_requireNotFrozen();',
        replace: '',
        tests: ['governance/frozenMesh'],
      },
      {
        name: 'stake: the stake is not paid',
        find: '_debit(msg.sender, _positive(amountWei));',
        replace: '_positive(amountWei);',
      },
      {
        name: 'startUnstake: one wei of locked stake leaves',
        find: 'require(_positive(amountWei) <= unlocked, Ins',
        replace: 'require(_positive(amountWei) <= unlocked + 1, Ins',
      },
      without('startUnstake: the stake stays active', 'record.stakedWei -= amountWei;'),
      {
        name: 'startUnstake: an earlier amount is lost',
        find: 'record.unstakingWei += amountWei;',
        replace: 'record.unstakingWei = amountWei;',
      },
      {
        name: 'cancelUnstake: the amount is lost',
        find: '_addStake(providerId, amountWei);\n        emit UnstakeCancelled',
        replace: 'emit UnstakeCancelled',
      },
      without(
        'finishUnstake: no delay',
        'require(block.timestamp >= unstakeAt, ILedger.TooEarly(unstakeAt - 1));',
      ),
      without('_takeUnstaking: leaves twice', 'record.unstakingWei = 0;'),
      {
        name: 'rotateKey: locked bonds are unlocked',
        find: 'HeldWordLib.pack(newKey, record.unlocked.amountWei())',
        replace: 'HeldWordLib.pack(newKey, record.stakedWei)',
      },
      without(
        'rotateKey: no proof of possession',
        'require(Signatures.recover(digest, proof) == newKey, ILedger.BadSignature(newKey));',
      ),
    ],
  ),
  ...mutantsOf(
    'staking/ProviderStore.sol',
    ['market/delivery', 'market/expiry', 'verification/anchoring'],
    [
      {
        name: '_lockBond: nothing is locked',
        find: 'record.unlocked = word.minus(bondWei);',
        replace: 'word.minus(bondWei);',
      },
      {
        name: '_lockBond: the whole stake is refused as bond',
        find: 'require(unlocked >= bondWei, IProviderRegistry.InsufficientStake(providerId, unlocked, bondWei));\n        record',
        replace:
          'require(unlocked > bondWei, IProviderRegistry.InsufficientStake(providerId, unlocked, bondWei));\n        record',
        tests: ['market/delivery', 'verification/assignments', 'attacks/'],
      },
      {
        name: '_bondedKeyOf: a seat without stake for its bond is paid',
        find: 'uint96 unlocked = _providers[providerId].unlocked.amountWei();\n        require(unlocked >= bondWei, IProviderRegistry.InsufficientStake(providerId, unlocked, bondWei));\n    }',
        replace: 'bondWei;\n    }',
        tests: ['verification/seatSettlement'],
      },
      {
        name: '_payProvider: the bond stays locked',
        find: 'record.unlocked = record.unlocked.plus(bondWei);\n        record.earned',
        replace: 'bondWei;\n        record.earned',
      },
      without('_slash: the stake stays whole', '_providers[providerId].stakedWei -= bondWei;'),
      {
        name: '_takeFreeStake: stake on its way out is slashed and leaves',
        find: 'record.unstakingWei = unstaking - fromExit;',
        replace: '',
        tests: ['staking/equivocation', 'staking/seatEquivocation'],
      },
      {
        name: '_takeFreeStake: stake on its way out is spared',
        find: 'if (fromExit == 0) return takenWei;',
        replace: 'if (fromExit != type(uint96).max) return takenWei;',
        tests: ['staking/equivocation', 'staking/seatEquivocation'],
      },
      {
        name: '_moveEarned: earnings are spent twice',
        find: 'record.earned = word.emptied();',
        replace: '',
        tests: ['governance/fees'],
      },
      {
        name: '_moveEarned: the fee is lost',
        find: '_credit(_treasury, feeWei);',
        replace: '',
        tests: ['governance/fees'],
      },
      {
        name: '_moveEarned: the fee is paid on top',
        find: 'netWei = grossWei - feeWei;',
        replace: 'netWei = grossWei;',
        tests: ['governance/fees'],
      },
      {
        name: '_moveEarned: the fee of the terms in force instead of the adopted ones',
        find: 'feeWei = Shares.feeDown(grossWei, _feeBps[word.version()]);\n        _credit',
        replace: 'feeWei = Shares.feeDown(grossWei, _terms.feeBps);\n        _credit',
        tests: ['governance/fees'],
      },
      {
        name: '_requireOperator: anybody',
        find: 'require(operates, IProviderRegistry.NotProvider(providerId, msg.sender));',
        replace: 'operates;',
      },
    ],
  ),
  ...mutantsOf(
    'staking/Equivocation.sol',
    ['staking/equivocation', 'staking/seatEquivocation'],
    [
      {
        name: 'proveEquivocation: the same output twice',
        find: 'require(sameRound && second.outputHash != first.outputHash, NoConflict());',
        replace: 'require(sameRound, NoConflict());',
      },
      {
        name: 'proveSeatEquivocation: the same commitment twice',
        find: 'require(sameSeat && second.commitment != first.commitment, NoConflict());',
        replace: 'require(sameSeat, NoConflict());',
      },
      {
        name: 'proveSeatEquivocation: commitments of another assignment',
        find: 'first.assignmentHash == assignmentHash && second',
        replace: 'assignmentHash != 0 && second',
      },
      without(
        'proveSeatEquivocation: an assignment of another job',
        'require(assignment.jobId == jobId, IRedundantMode.WrongJob(assignment.jobId, jobId));',
      ),
      {
        name: 'proveStreamEquivocation: a stream of another channel',
        find: 'require(stream.channelId == channelId, WrongChannel(stream.channelId, channelId));',
        replace: 'channelId;',
        tests: ['staking/streamEquivocation'],
      },
      {
        name: 'proveStreamEquivocation: a provider that the channel does not pay',
        find: 'require(config.providerId == first.providerId, NoConflict());',
        replace: '',
        tests: ['staking/streamEquivocation'],
      },
      {
        name: 'proveStreamEquivocation: the caller gets what belongs to the payer',
        find: '_slashReceipts(config.payer,',
        replace: '_slashReceipts(msg.sender,',
        tests: ['staking/streamEquivocation'],
      },
      {
        name: '_slashReceipts: a receipt of another job',
        find: 'require(first.jobId == jobId, ISignedLane.WrongReceipt(first.jobId, jobId));',
        replace: '',
      },
      {
        name: '_slashReceipts: receipts of two rounds',
        find: '\n            && second.assignmentHash == first.assignmentHash;\n        require(sameRound',
        replace: ';\n        require(sameRound',
      },
    ],
  ),
  ...mutantsOf(
    'staking/FalseProof.sol',
    ['staking/falseProof'],
    [
      without(
        'proveFalseProof: a claim about another job',
        'require(claim.jobId == jobId, WrongClaim(claim.jobId, jobId));',
      ),
      without(
        'proveFalseProof: bytes that nobody claimed',
        'require(proofHash == claim.proofHash, WrongProofBytes(proofHash, claim.proofHash));',
      ),
      {
        name: 'proveFalseProof: a proof that holds convicts',
        find: 'require(!_holds(order, jobId, providerId, claim.outputHash, proof), ProofHolds(jobId, providerId));',
        replace: '_holds(order, jobId, providerId, claim.outputHash, proof);',
      },
      {
        name: 'proveFalseProof: the caller gets what belongs to the requester',
        find: '_divide(order.requester,',
        replace: '_divide(msg.sender,',
      },
      {
        name: '_holds: orders of other modes are judged too',
        find: 'order.mode == JobMode.PROOF && address(',
        replace: 'address(',
      },
      {
        name: '_holds: the proof of another provider holds',
        find: 'TaskInput.bind(jobId, bytes32(uint256(providerId)), inputHash)',
        replace: 'TaskInput.bind(jobId, bytes32(uint256(providerId) + 1), inputHash)',
      },
    ],
  ),
  ...mutantsOf(
    'staking/KeyLiability.sol',
    ['staking/equivocation', 'staking/seatEquivocation'],
    [
      {
        name: '_burnKeys: a key is slashed again and again',
        find: '_takeFreeStake(providerId, minStakeWei - paidWei);',
        replace: '_takeFreeStake(providerId, minStakeWei);',
        tests: ['staking/equivocation', 'staking/seatEquivocation', 'attacks/lockedStake'],
      },
      without('_burnKeys: the first key stays good', '_burnKey(providerId, firstKey, paidWei + bondWei);'),
      {
        name: '_burnKey: what jobs had locked is not owed',
        find: 'paidWei == minStakeWei ? LIABILITY_SPENT : LIABILITY_OPEN',
        replace: 'LIABILITY_SPENT',
        tests: ['attacks/lockedStake'],
      },
      {
        name: '_burnKeys: the second key is spared',
        find: 'if (secondKey != firstKey) _burnKey(providerId, secondKey, paidWei + bondWei);',
        replace: '',
      },
      {
        name: '_divide: the reporter gets all that does not burn',
        find: '(bondWei - burned) / 2;',
        replace: 'bondWei - burned;',
      },
      without('_divide: nothing burns', '_burn(burned);'),
      {
        name: '_requireLiable: a replaced key answers for ever',
        find: 'block.timestamp <= _liableUntil[providerId][key]',
        replace: '_liableUntil[providerId][key] > LIABILITY_SPENT',
      },
    ],
  ),
]
