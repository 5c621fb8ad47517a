import { type Mutant, mutantsOf } from '../mutant.ts'

/** The on-chain lane, its deadlines and payments. */
export const marketMutants: Mutant[] = [
  ...mutantsOf('market/JobStore.sol', [
    {
      name: 'constructor: twice the job life is refused as delay',
      find: 'unbondSeconds / 2 >= maxJobLifeSeconds_',
      replace: 'unbondSeconds / 2 > maxJobLifeSeconds_',
    },
    {
      name: '_enter: an order past acceptBy enters',
      find: '        _requireNotAfter(acceptBy);\n        uint256 life = acceptBy - block.timestamp',
      replace:
        '        uint256 life = acceptBy > block.timestamp ? acceptBy - block.timestamp : 0;\n        life = life',
    },
    {
      name: '_enter: the longest life is refused',
      find: 'require(life <= maxJobLifeSeconds, Life',
      replace: 'require(life < maxJobLifeSeconds, Life',
    },
    {
      name: '_enter: any life',
      find: '        require(life <= maxJobLifeSeconds, LifeTooLong(life, maxJobLifeSeconds));\n',
      replace: '        life;\n',
    },
    {
      name: '_enter: the nonce is not taken',
      find: '        _useNonce(order.requester, order.nonce);\n',
      replace: '',
    },
    {
      name: '_enter: the price is not taken',
      find: '        _debit(order.requester, order.priceWei);\n',
      replace: '',
    },
    {
      name: '_enter: the caller pays',
      find: '_debit(order.requester, order.priceWei);',
      replace: '_debit(msg.sender, order.priceWei);',
    },
    {
      name: '_seatBy: one window less',
      find: 'uint40(since + SEATING_WINDOWS * order.execWindow)',
      replace: 'uint40(since + (SEATING_WINDOWS - 1) * order.execWindow)',
    },
    {
      name: '_finalize: the fee is paid on top',
      find: 'uint96 paid = order.priceWei - fee;',
      replace: 'uint96 paid = order.priceWei;',
    },
    { name: '_finalize: the fee is lost', find: '        _credit(treasury, fee);\n', replace: '' },
    {
      name: '_finalize: the job can be finalized again',
      find: 'JobWordLib.single(JobStatus.PAID, providerId',
      replace: 'JobWordLib.single(JobStatus.SUBMITTED, providerId',
    },
    {
      name: '_requireNotAfter: the last second is refused',
      find: 'block.timestamp <= deadline, Expired',
      replace: 'block.timestamp < deadline, Expired',
    },
    {
      name: '_requireAfter: the last second is enough',
      find: 'block.timestamp > deadline, TooEarly',
      replace: 'block.timestamp >= deadline, TooEarly',
    },
  ]),
  ...mutantsOf('market/JobMarket.sol', [
    {
      name: 'postJob: anybody posts for the requester',
      find: '        require(msg.sender == order.requester, NotRequester(order.requester, msg.sender));\n        require(order.mode',
      replace: '        require(order.mode',
    },
    {
      name: 'postJob: any mode',
      find: '        require(order.mode == JobMode.SIGNED, UnsupportedMode(order.mode));\n',
      replace: '',
    },
    {
      name: 'postJob: the reveal of a re-execution is not counted',
      find: 'windows += (SEATING_WINDOWS + 1) * order.execWindow',
      replace: 'windows += SEATING_WINDOWS * order.execWindow',
    },
    {
      name: 'cancelJob: anybody',
      find: '        require(msg.sender == order.requester, NotRequester(order.requester, msg.sender));\n        (bytes32 jobId,)',
      replace: '        (bytes32 jobId,)',
    },
    {
      name: 'cancelJob: again and again',
      find: '        _close(jobId, JobStatus.REFUNDED, 0);\n        _credit(order.requester, order.priceWei);\n        emit JobRefunded',
      replace: '        _credit(order.requester, order.priceWei);\n        emit JobRefunded',
    },
    { name: 'acceptJob: after acceptBy', find: '        _requireNotAfter(order.acceptBy);\n', replace: '' },
    {
      name: 'acceptJob: any provider',
      find: 'order.providerId == 0 || order.providerId == providerId, Wrong',
      replace: 'true, Wrong',
    },
    {
      name: 'acceptJob: by anybody',
      find: '        _requireOperator(providerId);\n        _lockBond',
      replace: '        _lockBond',
    },
    { name: 'acceptJob: without bond', find: '        _lockBond(providerId, order.bondWei);\n', replace: '' },
    {
      name: 'submitResult: by anybody',
      find: '        _requireOperator(providerId);\n        _requireNotAfter',
      replace: '        _requireNotAfter',
    },
    {
      name: 'submitResult: late',
      find: '        _requireNotAfter(word.since() + order.execWindow);\n',
      replace: '',
    },
    {
      name: 'finalizeJob: within the dispute window',
      find: '        _requireAfter(word.since() + order.disputeWindow);\n',
      replace: '',
    },
    {
      name: 'expireJob: an open job before acceptBy',
      find: '            _requireAfter(order.acceptBy);\n',
      replace: '',
    },
    {
      name: 'expireJob: an accepted job before its time',
      find: '            _requireAfter(word.since() + order.execWindow);\n',
      replace: '',
    },
    {
      name: 'expireJob: a reseating job before its time',
      find: '            _requireAfter(_seatBy(order, ROUND_RESEAT, word.since()));\n',
      replace: '',
    },
    {
      name: 'expireJob: a dispute before its time',
      find: '            _requireAfter(_seatBy(order, ROUND_DISPUTE, word.since()));\n',
      replace: '',
    },
    {
      name: 'expireJob: a late job is refunded twice',
      find: '            _failLate(order, jobId, word.providerId());\n            return;',
      replace: '            _failLate(order, jobId, word.providerId());',
    },
    {
      name: '_failLate: the bond is not slashed',
      find: '        _slash(providerId, jobId, SlashReason.LATE, order.bondWei, toRequester, 0);\n',
      replace: '',
    },
    {
      name: "_failLate: the requester's half is lost",
      find: 'order.priceWei + toRequester',
      replace: 'order.priceWei',
    },
    { name: '_failLate: nothing burns', find: '        _burn(burned);\n', replace: '' },
  ]),
]
