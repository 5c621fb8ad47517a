import { type Mutant, mutantsOf } from '../mutant.ts'

/** Disputes of the on-chain lane. */
export const disputesMutants: Mutant[] = [
  ...mutantsOf('market/Disputes.sol', [
    {
      name: 'disputeJob: without coordinator',
      find: '        require(order.coordinator != address(0), NoCoordinator(jobId));\n',
      replace: '',
    },
    {
      name: 'disputeJob: without bond',
      find: '        require(order.bondWei != 0, NoBond(jobId));\n',
      replace: '',
    },
    {
      name: 'disputeJob: the same output',
      find: '        require(JobWordLib.outputTagOf(claimedOutputHash) != word.outputTag(), SameOutput(claimedOutputHash));\n',
      replace: '',
    },
    {
      name: 'disputeJob: after the window',
      find: '        _requireNotAfter(word.since() + order.disputeWindow);\n',
      replace: '',
    },
    {
      name: 'disputeJob: the bond is not taken',
      find: '        _debit(msg.sender, order.bondWei);\n',
      replace: '',
    },
    {
      name: '_closeUndecided: the challenger loses its bond',
      find: '        _credit(dispute.challenger, order.bondWei);\n        emit DisputeResolved(jobId, false);',
      replace: '        emit DisputeResolved(jobId, false);',
    },
    {
      name: '_closeDecided: the dust stays behind',
      find: 'burnedWei = order.bondWei - toSeats;',
      replace: 'toSeats; burnedWei = Shares.burnedUp(order.bondWei);',
    },
    {
      name: '_closeDecided: the verdict is flipped',
      find: 'outputTagOf(outputHash) != dispute.outputTag',
      replace: 'outputTagOf(outputHash) == dispute.outputTag',
    },
    {
      name: '_closeDecided: the provider keeps its bond',
      find: '        _slash(dispute.providerId, jobId, SlashReason.DISPUTE_LOST, order.bondWei, 0, toSeats);\n',
      replace: '',
    },
    {
      name: '_closeDecided: the challenger is not made whole',
      find: '        _credit(dispute.challenger, order.bondWei);\n        _credit(order.requester',
      replace: '        _credit(order.requester',
    },
    {
      name: '_closeDecided: the price is not refunded',
      find: '        _credit(order.requester, order.priceWei);\n',
      replace: '',
    },
    { name: '_takeDispute: the dispute stays', find: '        delete _disputes[jobId];\n', replace: '' },
  ]),
]
