import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** The sealed-bid auction on the chain: deposits of bids, reserve prices, and the price. */
export const auctionMutants: Mutant[] = [
  ...mutantsOf(
    'auction/ReverseAuction.sol',
    ['auction/opening', 'auction/closing', 'auction/refunds'],
    [
      without(
        'openAuction: the reserve stays with the buyer',
        'token.transferFrom(msg.sender, account, reserveWei);',
      ),
      without(
        'openAuction: from the account of another buyer',
        '_requireAccountOf(msg.sender, order.requester);',
      ),
      without('closeAuction: while bids are revealed', '_requireAfter(terms.revealBy);'),
      {
        name: 'closeAuction: awarded after closeBy',
        find: 'auction.winnerId == 0 || block.timestamp > terms.closeBy',
        replace: 'auction.winnerId == 0',
      },
      without('closeAuction: again and again', '_auctions[auctionId].status = AuctionStatus.AWARDED;'),
      without('cancelAward: by anybody', '_requireAccountOf(msg.sender, terms.order.requester);'),
      {
        name: 'reclaim: the caller gets it',
        find: 'withdraw(amountWei, buyer);',
        replace: 'withdraw(amountWei, msg.sender);',
      },
    ],
  ),
  ...mutantsOf(
    'auction/SealedBids.sol',
    ['auction/bidding', 'auction/pricing'],
    [
      without(
        'commitBid: without deposit',
        'token.transferFrom(msg.sender, address(this), terms.order.priceWei);',
      ),
      without(
        'commitBid: a second bid of a provider',
        'require(_bids[auctionId][providerId].status() == BidStatus.NONE, AlreadyBid(auctionId, providerId));',
      ),
      without(
        'revealBid: another bid than the committed one',
        'require(word.tag() == BidWordLib.tagOf(commitment), BadReveal(auctionId, providerId));',
      ),
      without('revealBid: while others commit', '_requireAfter(terms.commitBy);'),
      {
        name: 'revealBid: the first price',
        find: 'if (auction.winnerId != 0) auction.priceWei = auction.bestWei;',
        replace: 'auction.priceWei = bidWei;',
      },
      {
        name: 'revealBid: the second price stays the reserve',
        find: '_auctions[auctionId].priceWei = bidWei;',
        replace: '',
      },
      {
        name: '_beats: the later of equal bids wins',
        find: 'return rank < _bids',
        replace: 'return rank > _bids',
      },
    ],
  ),
  ...mutantsOf(
    'auction/BidDeposits.sol',
    ['auction/deposits', 'auction/refunds'],
    [
      without(
        'settleBid: the same deposit again and again',
        '_bids[auctionId][providerId] = BidWord.wrap(0);',
      ),
      {
        name: 'settleBid: a bid that was never revealed is returned',
        find: 'if (word.status() == BidStatus.SEALED) {',
        replace: 'if (word.status() == BidStatus.NONE) {',
      },
      {
        name: 'settleBid: a winner that declined is spared',
        find: 'awarded && providerId == auction.winnerId && _declined(terms, auction)',
        replace: 'awarded && providerId != auction.winnerId && _declined(terms, auction)',
      },
      without('_forfeit: nothing burns', 'token.burn(burnedWei);'),
      without(
        "_forfeit: the buyer's part stays behind",
        'token.transfer(terms.order.requester, toBuyerWei);',
      ),
      {
        name: '_declined: a refund after a dispute counts',
        find: 'job.status == JobStatus.REFUNDED && job.providerId == 0',
        replace: 'job.status == JobStatus.REFUNDED',
      },
    ],
  ),
]
