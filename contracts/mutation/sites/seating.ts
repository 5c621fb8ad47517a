import { type Mutant, mutantsOf } from '../mutant.ts'

/** Seats: who may bind them, to what, and when. */
export const seatingMutants: Mutant[] = [
  ...mutantsOf('verification/redundant/Seating.sol', [
    { name: 'commitSeat: by anybody', find: '        _requireOperator(providerId);\n', replace: '' },
    {
      name: 'commitSeat: by a provider without seat',
      find: '        _requireSeated(assignment.seats, providerId);\n',
      replace: '',
    },
    {
      name: 'sealSeats: before the deadline',
      find: '        _requireAfter(_seatBy(order, word.round(), word.since()));\n',
      replace: '',
    },
    {
      name: 'sealSeats: with another assignment',
      find: '        require(word.binds(assignment.hashStruct()), AssignmentMismatch(jobId));\n',
      replace: '',
    },
    {
      name: '_beginRound: an assignment of another job',
      find: '        require(assignment.jobId == round.jobId, WrongJob(assignment.jobId, round.jobId));\n',
      replace: '',
    },
    {
      name: '_beginRound: an assignment of another round',
      find: '        require(assignment.round == round.number, WrongRound(assignment.round, round.number));\n',
      replace: '',
    },
    {
      name: '_beginRound: a second assignment',
      find: '            require(word.binds(round.assignmentHash), AssignmentMismatch(round.jobId));\n',
      replace: '',
    },
    {
      name: '_beginRound: after the seating deadline',
      find: '            _requireNotAfter(_seatBy(order, round.number, round.since));\n',
      replace: '',
    },
    {
      name: '_enterRedundant: an order of the other lane',
      find: '        require(order.mode == JobMode.REDUNDANT, UnsupportedMode(order.mode));\n',
      replace: '',
    },
    {
      name: '_enterRedundant: a directed order',
      find: '        require(order.providerId == 0, WrongProvider(0, order.providerId));\n',
      replace: '',
    },
    {
      name: '_enterRedundant: an order nobody signed',
      find: '        require(Signatures.isValid(order.requester, jobId, orderSig), BadSignature(order.requester));\n',
      replace: '        orderSig;\n        jobId;\n',
    },
    {
      name: '_enterRedundant: the reseating is not counted',
      find: '(SEATING_WINDOWS + 2) * order.execWindow',
      replace: '2 * order.execWindow',
    },
    {
      name: '_requireAssignment: by anybody',
      find: 'signer != address(0) && signer == order.coordinator, Bad',
      replace: 'signer != address(0), Bad',
    },
    {
      name: '_requireAssignment: by nobody, for an order without coordinator',
      find: 'signer != address(0) && signer == order.coordinator, Bad',
      replace: 'signer == order.coordinator, Bad',
    },
    {
      name: '_requireAssignment: any number of seats',
      find: 'count == want && count >= MIN_SEATS',
      replace: 'count >= MIN_SEATS',
    },
    {
      name: '_requireAssignment: an even number',
      find: 'count <= MAX_SEATS && count % 2 == 1',
      replace: 'count <= MAX_SEATS',
    },
    {
      name: '_requireAssignment: more than fifteen',
      find: 'count >= MIN_SEATS && count <= MAX_SEATS &&',
      replace: 'count >= MIN_SEATS &&',
    },
    {
      name: '_requireAssignment: one seat',
      find: 'count == want && count >= MIN_SEATS &&',
      replace: 'count == want &&',
    },
    {
      name: '_requireAssignment: the accused judges',
      find: '            if (disputed) require(seat != accused, AccusedSeat(seat));\n',
      replace: '            accused;\n',
    },
    {
      name: '_requireAssignment: one provider on two seats',
      find: '            if (seen & bit != 0) _requireNew(seats, i, seat);\n',
      replace: '',
    },
    {
      name: '_bindSeats: fewer commitments than seats',
      find: '        require(commitments.length == count, BadLength(commitments.length, count));\n',
      replace: '',
    },
    {
      name: '_bindSeats: fewer signatures than seats',
      find: '        require(seatSigs.length == count * SIGNATURE_BYTES, BadLength(seatSigs.length, count * SIGNATURE_BYTES));\n',
      replace: '',
    },
    {
      name: '_bindSeats: an empty commitment',
      find: '            require(commitment != 0, ZeroCommitment(seat));\n',
      replace: '',
    },
    {
      name: '_bindSeats: no signature of the seat',
      find: '            require(Signatures.recoverAt(digest, seatSigs, i) == key, BadSignature(key));\n',
      replace: '            digest;\n            key;\n',
    },
    {
      name: '_bindSeat: twice',
      find: '        require(_commitments[jobId][seat] == 0, AlreadyCommitted(seat));\n',
      replace: '',
    },
    {
      name: '_bindSeat: without bond',
      find: '        _lockBond(seat, bondWei);\n',
      replace: '        bondWei;\n',
    },
    {
      name: '_anchorStored: commitments stay stored',
      find: '            delete _commitments[jobId][seats[i]];\n        }\n        _setAnchored',
      replace: '        }\n        _setAnchored',
    },
    {
      name: '_takeCommitment: something else than was committed',
      find: '        require(stored == commitment, CommitmentMismatch(seat));\n',
      replace: '        commitment;\n',
    },
  ]),
]
