import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** The on-chain lane: its deadlines, payments, takeovers, proofs and disputes. */
export const marketMutants: Mutant[] = [
  ...mutantsOf(
    'market/JobStore.sol',
    ['market/posting', 'market/delivery', 'governance/meshTerms'],
    [
      without('_enter: any life', 'require(life <= maxSeconds, IJobMarket.LifeTooLong(life, maxSeconds));'),
      {
        name: '_enter: the longest life is refused',
        find: 'require(life <= maxSeconds, IJob',
        replace: 'require(life < maxSeconds, IJob',
      },
      without(
        '_enter: any bond',
        'require(order.bondWei >= minBondWei, IMeshTerms.BondTooLow(order.bondWei, uint96(minBondWei)));',
      ),
      without('_enter: the nonce is not taken', '_useNonce(order.requester, order.nonce);'),
      without('_enter: the price is not taken', '_debit(order.requester, order.priceWei);'),
      {
        name: '_activate: by anybody',
        find: '_requireOperator(providerId);\n        _lockBond',
        replace: '_lockBond',
      },
      without('_activate: without bond', '_lockBond(providerId, order.bondWei);'),
      {
        name: '_activate: a job that needs a proof is delivered without',
        find: 'if (order.mode.needsProof()) flags |= JobFlag.PROOF_ONLY;',
        replace: '',
        tests: ['market/proofs'],
      },
      {
        name: '_finalize: the job can be finalized again',
        find: 'JobWordLib.single(JobStatus.PAID, providerId',
        replace: 'JobWordLib.single(JobStatus.SUBMITTED, providerId',
      },
      {
        name: '_isUnverifiable: a provider is slashed for a verifier that is gone',
        find: '!_agentVerifier.router().isActive(bytes4(order.policy))',
        replace: 'false',
        tests: ['market/proofs'],
      },
      {
        name: '_requireNotAfter: the last second is refused',
        find: 'block.timestamp <= deadline, ILedger.Expired',
        replace: 'block.timestamp < deadline, ILedger.Expired',
      },
      {
        name: '_requireAfter: the last second is enough',
        find: 'block.timestamp > deadline, ILedger.TooEarly',
        replace: 'block.timestamp >= deadline, ILedger.TooEarly',
      },
    ],
  ),
  ...mutantsOf(
    'market/JobMarket.sol',
    ['market/posting', 'market/delivery', 'market/expiry'],
    [
      without(
        'postJob: anybody posts for the requester',
        'require(msg.sender == order.requester, NotRequester(order.requester, msg.sender));',
      ),
      {
        name: 'postJob: while new work is frozen',
        find: '_requireNotFrozen();',
        replace: '',
        tests: ['governance/frozenMesh'],
      },
      {
        name: 'postJob: a takeover is not counted',
        find: 'WORK_WINDOWS = 3;',
        replace: 'WORK_WINDOWS = 1;',
      },
      without('acceptJob: after acceptBy', '_requireNotAfter(order.acceptBy);'),
      without('submitResult: late', '_requireNotAfter(word.dueAt());'),
      {
        name: 'submitResult: a bare result where a proof is needed',
        find: 'require(!word.hasFlag(JobFlag.PROOF_ONLY), ProofRequired(jobId));',
        replace: '',
        tests: ['market/proofs'],
      },
      without('finalizeJob: within the dispute window', '_requireAfter(word.since() + order.disputeWindow);'),
    ],
  ),
  ...mutantsOf(
    'market/JobClosing.sol',
    ['market/posting', 'market/expiry', 'market/proofs'],
    [
      {
        name: 'cancelJob: again and again',
        find: '_close(jobId, JobStatus.REFUNDED, 0);\n        _credit(order.requester, order.priceWei);\n        emit IJobMarket.JobRefunded',
        replace: '_credit(order.requester, order.priceWei);\n        emit IJobMarket.JobRefunded',
      },
      without('expireJob: an accepted job before its time', '_requireAfter(word.dueAt());'),
      {
        name: 'expireJob: a late job is refunded twice',
        find: 'else _failLate(order, jobId, word.providerId());\n            return;',
        replace: 'else _failLate(order, jobId, word.providerId());',
      },
      without('_closeUnverifiable: the bond stays locked', '_unlockBond(providerId, order.bondWei);'),
      without(
        '_failLate: the bond is not slashed',
        '_slash(providerId, jobId, SlashReason.LATE, order.bondWei, toRequester, 0);',
      ),
      {
        name: "_failLate: the requester's half is lost",
        find: 'order.priceWei + toRequester',
        replace: 'order.priceWei',
      },
    ],
  ),
  ...mutantsOf(
    'market/JobTakeover.sol',
    ['market/takeover', 'market/proofs'],
    [
      without('takeOverJob: before the job is late', '_requireAfter(dueAt);'),
      without('takeOverJob: for ever', '_requireNotAfter(dueAt + order.execWindow);'),
      without(
        'takeOverJob: again and again',
        'require(!word.hasFlag(JobFlag.TAKEN_OVER), TakenOverAlready(jobId, late));',
      ),
      without(
        'takeOverJob: an order that names its provider',
        'require(order.providerId == 0, IJobMarket.WrongProvider(providerId, order.providerId));',
      ),
      without(
        'takeOverJob: by the late provider itself',
        'require(providerId != late, IJobMarket.WrongProvider(providerId, 0));',
      ),
      without(
        'takeOverJob: a job that nobody can deliver',
        'require(!_isUnverifiable(order, word), VerifierGone(jobId, bytes4(order.policy)));',
      ),
      without(
        'takeOverJob: the late provider keeps its bond',
        '_slash(late, jobId, SlashReason.LATE, order.bondWei, toRequester, toTaker);',
      ),
      {
        name: 'takeOverJob: the reward is paid on top',
        find: 'order.bondWei - burned - toTaker;',
        replace: 'order.bondWei - burned;',
      },
      without('takeOverJob: the reward is lost', '_earn(providerId, toTaker);'),
      without('takeOverJob: nothing burns', '_burn(burned);'),
      without('takeOverJob: the requester gets nothing', '_credit(order.requester, toRequester);'),
    ],
  ),
  ...mutantsOf(
    'market/VerifiedMode.sol',
    ['market/proofs', 'market/proofSettling'],
    [
      without('_verify: any proof', 'require(valid, BadProof(jobId, providerId));'),
      {
        name: '_verify: the proof of another provider',
        find: 'bytes32(uint256(providerId)),',
        replace: 'bytes32(uint256(1)),',
      },
      without('submitProof: late', '_requireNotAfter(word.dueAt());'),
      without(
        'submitProof: another output than the submitted one',
        'require(JobWordLib.outputTagOf(outputHash) == word.outputTag(), OtherOutput(jobId, outputHash));',
      ),
      without('settleProof: the price is not taken', '_debit(order.requester, order.priceWei);'),
      without('settleProof: the nonce is not taken', '_useNonce(order.requester, order.nonce);'),
      without(
        'settleProof: after its last second',
        'require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));',
      ),
      without('settleProof: by an inactive provider', '_activeKeyOf(providerId);'),
      without(
        'settleProof: an order nobody signed',
        'require(Signatures.isValid(order.requester, jobId, orderSig), ILedger.BadSignature(order.requester));',
      ),
    ],
  ),
  ...mutantsOf(
    'market/Disputes.sol',
    ['market/disputes'],
    [
      without('disputeJob: without bond', 'require(order.bondWei != 0, NoBond(jobId));'),
      without('disputeJob: after the window', '_requireNotAfter(word.since() + order.disputeWindow);'),
      without('disputeJob: the bond is not taken', '_debit(msg.sender, order.bondWei);'),
    ],
  ),
  ...mutantsOf(
    'market/DisputeStore.sol',
    ['market/disputes', 'attacks/'],
    [
      {
        name: '_closeUndecided: the challenger loses its bond',
        find: '_credit(dispute.challenger, order.bondWei);\n        emit IDisputes.DisputeResolved(jobId, false);',
        replace: 'emit IDisputes.DisputeResolved(jobId, false);',
      },
      {
        name: '_closeDecided: the dust stays behind',
        find: 'burnedWei = order.bondWei - toSeats;',
        replace: 'burnedWei = Shares.burnedUp(order.bondWei);',
      },
      {
        name: '_closeDecided: the verdict is flipped',
        find: 'outputTagOf(outputHash) != dispute.outputTag',
        replace: 'outputTagOf(outputHash) == dispute.outputTag',
      },
      without(
        '_closeDecided: the provider keeps its bond',
        '_slash(dispute.providerId, jobId, SlashReason.DISPUTE_LOST, order.bondWei, 0, toSeats);',
      ),
      without('_closeDecided: the price is not refunded', '_credit(order.requester, order.priceWei);'),
      without('_takeDispute: the dispute stays', 'delete _disputes[jobId];'),
    ],
  ),
]
