import { type Mutant, mutantsOf } from '../mutant.ts'

/** Openings, the majority, and what it means for money. */
export const redundantMutants: Mutant[] = [
  ...mutantsOf('verification/redundant/RedundantMode.sol', [
    {
      name: 'openSeats: silent seats are not waited for',
      find: '        if (outcome.silent != 0) _requireAfter(word.since() + order.execWindow);\n',
      replace: '',
    },
    {
      name: 'openSeats: the requester gets nothing back',
      find: '        _credit(order.requester, outcome.toRequester);\n',
      replace: '',
    },
    { name: 'openSeats: nothing burns', find: '        _burn(outcome.toBurn);\n', replace: '' },
    {
      name: 'openSeats: seats are not settled',
      find: '        _settleSeats(order.bondWei, jobId, ids, opened, outcome);\n',
      replace: '',
    },
    {
      name: 'openSeat: a wrong opening',
      find: '        _requireOpening(jobId, word.round(), seat, commitments[index], output, salt);\n        require(_openings',
      replace: '        salt;\n        require(_openings',
    },
    {
      name: 'openSeat: twice',
      find: '        require(_openings[jobId][seat] == 0, AlreadyOpened(seat));\n',
      replace: '',
    },
    {
      name: 'openSeat: the flag is not set',
      find: '        if (!word.hasStoredOpenings()) _jobs[jobId] = word.withStoredOpenings();\n',
      replace: '',
    },
    {
      name: '_loadAnchored: other seats than the anchored ones',
      find: '        require(word.binds(SeatsDigest.digestOf(ids, commitments)), SeatsMismatch(jobId));\n',
      replace: '',
    },
    {
      name: '_openAll: a wrong opening',
      find: '            _requireOpening(jobId, round, ids.itemAt(i), commitments.itemAt(i), output, salt);\n            opened',
      replace: '            opened',
    },
    {
      name: '_openAll: fewer outputs than seats',
      find: '        require(outputs.length == count, BadLength(outputs.length, count));\n',
      replace: '',
    },
    {
      name: '_openAll: fewer salts than seats',
      find: '        require(salts.length == count, BadLength(salts.length, count));\n',
      replace: '',
    },
    {
      name: '_takeOpenings: openings stay stored',
      find: '            delete _openings[jobId][ids[i]];\n',
      replace: '',
    },
    {
      name: '_closeRound: the second round is reseated too',
      find: '} else if (round == ROUND_FIRST) {',
      replace: '} else if (round <= ROUND_RESEAT) {',
    },
    {
      name: '_closeRound: the second round keeps the price',
      find: '            outcome.toRequester = order.priceWei;\n',
      replace: '',
    },
    {
      name: '_payWinners: winners share the whole price',
      find: 'uint96 share = priceWei / order.seats;',
      replace: 'uint96 share = uint96(priceWei / outcome.winners);',
    },
    {
      name: '_payWinners: the unearned share stays behind',
      find: '            outcome.toRequester = refund;\n',
      replace: '',
    },
    {
      name: '_payWinners: the fee is not taken',
      find: 'outcome.toSeat = share - fee;',
      replace: 'outcome.toSeat = share;',
    },
    { name: '_payWinners: the fee is lost', find: '            _credit(treasury, fees);\n', replace: '' },
    {
      name: '_payWinners: the fee of one winner',
      find: 'uint96 fees = fee * winners;',
      replace: 'uint96 fees = fee;',
    },
    {
      name: '_settleSeats: silent seats go free',
      find: 'if (outcome.silent & (1 << i) != 0) {',
      replace: 'if (outcome.silent & (1 << i) == type(uint256).max) {',
    },
    {
      name: '_settleSeats: copiers keep their bond locked',
      find: '} else if (outcome.copied & (1 << i) != 0) {',
      replace: '} else if (outcome.copied & (1 << i) == type(uint256).max) {',
    },
    {
      name: '_settleSeats: a minority goes free',
      find: '                _slashSeat(bondWei, jobId, ids.itemAt(i), SlashReason.MINORITY, outcome);',
      replace: '                _unlockBond(ids.itemAt(i), bondWei);',
    },
    {
      name: '_settleSeats: whoever opened without majority is slashed',
      find: '                _unlockBond(ids.itemAt(i), bondWei);',
      replace: '                _slashSeat(bondWei, jobId, ids.itemAt(i), SlashReason.MINORITY, outcome);',
    },
    {
      name: '_slashSeat: everything burns, and the requester gets its half',
      find: 'outcome.toBurn += burned;',
      replace: 'outcome.toBurn += bondWei;',
    },
    {
      name: '_slashSeat: a later seat replaces the burn of an earlier one',
      find: 'outcome.toBurn += burned;',
      replace: 'outcome.toBurn = burned;',
    },
    {
      name: "_slashSeat: the requester's half is lost",
      find: '        outcome.toRequester += toRequester;\n',
      replace: '',
    },
    {
      name: '_unopened: a seat that never committed is slashed',
      find: 'if (opened[i] != 0 || commitments[i] == 0) continue;',
      replace: 'if (opened[i] != 0) continue;',
    },
    {
      name: '_unopened: a copy of a silent seat counts as a copy',
      find: '(opened[j] == 0 || commitments[j] != commitments[i])',
      replace: '(j == i || commitments[j] != commitments[i])',
    },
    {
      name: '_majorityOf: the middle seat is not tried',
      find: 'first <= count / 2',
      replace: 'first < count / 2',
    },
    {
      name: '_majorityOf: half of the seats is enough',
      find: 'if (2 * winners <= count) continue;',
      replace: 'if (2 * winners < count) continue;',
      survives: 'Equivalent: the number of seats is odd, so twice the winners never equals it.',
    },
    {
      name: '_majorityOf: half rounded down is enough',
      find: 'if (2 * winners <= count) continue;',
      replace: 'if (2 * winners + 1 < count) continue;',
    },
    {
      name: '_requireOpening: the zero output',
      find: '            output != 0 && SeatCommitLib',
      replace: '            SeatCommitLib',
    },
  ]),
]
