import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** Seats: who may bind them, what their outputs mean for money, and the settlement of seats that agree. */
export const redundantMutants: Mutant[] = [
  ...mutantsOf(
    'verification/redundant/SeatStore.sol',
    ['verification/', 'attacks/'],
    [
      without(
        '_beginRound: a second assignment',
        'require(word.binds(round.assignmentHash), IRedundantMode.AssignmentMismatch(round.jobId));',
      ),
      without(
        '_beginRound: after the seating deadline',
        '_requireNotAfter(_seatBy(order, round.number, round.since));',
      ),
      without(
        '_requireAssignment: an assignment of another round',
        'require(assignment.round == round.number, IRedundantMode.WrongRound(assignment.round, round.number));',
      ),
      {
        name: '_requireAssignment: by anybody',
        find: 'signer != address(0) && signer == order.coordinator',
        replace: 'signer != address(0)',
      },
      {
        name: '_requireAssignment: any number of seats',
        find: 'count == want && count >= MIN_SEATS',
        replace: 'count >= MIN_SEATS',
      },
      {
        name: '_requireAssignment: the accused judges',
        find: 'if (disputed) require(seat != accused, IRedundantMode.AccusedSeat(seat));',
        replace: '',
        tests: ['market/disputes'],
      },
      without(
        '_requireAssignment: one provider on two seats',
        'if (seen & bit != 0) _requireNew(seats, i, seat);',
      ),
      {
        name: '_enterRedundant: the reseating is not counted',
        find: '(SEATING_WINDOWS + 2) * order.execWindow',
        replace: '2 * order.execWindow',
      },
      without(
        '_loadAnchored: other seats than the anchored ones',
        'require(word.binds(SeatsDigest.digestOf(ids, commitments)), IRedundantMode.SeatsMismatch(jobId));',
      ),
    ],
  ),
  ...mutantsOf(
    'verification/redundant/Seating.sol',
    ['verification/anchoring', 'verification/signatures', 'verification/commitFallback'],
    [
      without(
        '_bindSeats: no signature of the seat',
        'require(Signatures.recoverAt(digest, seatSigs, i) == key, ILedger.BadSignature(key));',
      ),
      without(
        '_takeCommitment: something else than was committed',
        'require(stored == commitment, CommitmentMismatch(seat));',
      ),
    ],
  ),
  ...mutantsOf(
    'verification/redundant/SeatFallback.sol',
    ['verification/commitFallback', 'verification/openFallback', 'verification/signatures'],
    [
      without('commitSeat: by anybody', '_requireOperator(providerId);'),
      without(
        'commitSeat: without the signature that can be slashed',
        'require(Signatures.recover(digest, seatSig) == key, ILedger.BadSignature(key));',
      ),
      without('sealSeats: before the deadline', '_requireAfter(_seatBy(order, word.round(), word.since()));'),
      without('openSeat: twice', 'require(_openings[jobId][seat] == 0, AlreadyOpened(seat));'),
    ],
  ),
  ...mutantsOf(
    'verification/redundant/SeatSettlement.sol',
    ['verification/seatSettlement', 'verification/seatReveals'],
    [
      {
        name: 'settleSeats: the dust of the division is taken',
        find: '_debit(order.requester, shareWei * uint96(count));',
        replace: '_debit(order.requester, order.priceWei);',
      },
      {
        name: 'settleSeats: one share is taken',
        find: '_debit(order.requester, shareWei * uint96(count));',
        replace: '_debit(order.requester, shareWei);',
      },
      without('settleSeats: the nonce is not taken', '_useNonce(order.requester, order.nonce);'),
      without(
        'settleSeats: after its last second',
        'require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));',
      ),
      without('settleSeats: an order nobody signed', '_requireRedundant(order, round.jobId, orderSig);'),
      without(
        'settleSeats: an assignment nobody signed',
        '_requireAssignment(order, round, assignment, assignmentSig);',
      ),
      without('settleSeats: the zero output', 'require(outputHash != 0, ZeroOutput());'),
      without(
        '_payRevealed: no signature of the seat',
        'require(Signatures.recoverAt(digest, revealSigs, i) == key, ILedger.BadSignature(key));',
      ),
      {
        name: '_payRevealed: commitments are not compared',
        find: 'bytes32 seatsDigest = keccak256(abi.encode(seats, commitments));',
        replace: 'bytes32 seatsDigest = keccak256(abi.encode(seats));',
      },
    ],
  ),
  ...mutantsOf(
    'verification/redundant/RedundantMode.sol',
    ['verification/settlement', 'verification/reseating', 'market/disputes'],
    [
      without(
        'openSeats: silent seats are not waited for',
        'if (outcome.silent != 0) _requireAfter(word.since() + order.execWindow);',
      ),
      without('openSeats: the requester gets nothing back', '_credit(order.requester, outcome.toRequester);'),
      without('openSeats: nothing burns', '_burn(outcome.toBurn);'),
      without(
        'openSeats: seats are not settled',
        '_settleSeats(order.bondWei, jobId, ids, opened, outcome);',
      ),
      {
        name: '_closeRound: the second round is reseated too',
        find: '} else if (round == ROUND_FIRST) {',
        replace: '} else if (round <= ROUND_RESEAT) {',
      },
      without('_closeRound: the second round keeps the price', 'outcome.toRequester = order.priceWei;'),
      {
        name: '_payWinners: winners share the whole price',
        find: 'uint96 share = priceWei / order.seats;',
        replace: 'uint96 share = uint96(priceWei / outcome.winners);',
      },
      without('_payWinners: the unearned share stays behind', 'outcome.toRequester = priceWei - paid;'),
      {
        name: '_settleSeats: a minority goes free',
        find: '_slashSeat(bondWei, jobId, ids.itemAt(i), SlashReason.MINORITY, outcome);',
        replace: '_unlockBond(ids.itemAt(i), bondWei);',
      },
      {
        name: '_slashSeat: a later seat replaces the burn of an earlier one',
        find: 'outcome.toBurn += burned;',
        replace: 'outcome.toBurn = burned;',
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
    ],
  ),
]
