/** A figure that another project publishes of itself. */
export type Peer = {
  /** Our figure that does the nearest to the same. */
  figure: string
  project: string
  operation: string
  peerGas: number
  /** What theirs includes, so that nobody reads the ratio as a race on one track. */
  scope: string
}

/** Published figures. Sources are files of the projects' own repositories, read in 2026-08. */
export const peers: readonly Peer[] = [
  {
    figure: 'onchainLaneJobGas',
    project: 'Boundless',
    operation: 'submitRequest + lockinRequest + fulfil (contracts/snapshots/BoundlessMarketBasicTest.json)',
    peerGas: 312_200,
    scope: 'checks the inclusion of a zero-knowledge proof and an assessor, moves collateral of the prover',
  },
  {
    figure: 'settleGas',
    project: 'UniswapX',
    operation: 'fill of one signed limit order (snapshots/LimitOrderReactorTest.json)',
    peerGas: 136_118,
    scope: 'moves two ERC-20 tokens by Permit2; ours moves a balance inside the mesh',
  },
  {
    figure: 'settleGas',
    project: 'TheCompact',
    operation: 'signed claim (snapshots/RegisterTest.json)',
    peerGas: 120_524,
    scope: 'registers and claims with an ERC-1271 wallet',
  },
  {
    figure: 'packedItem128Of16PayersGas',
    project: 'BoundlessLegacy',
    operation: 'batch fulfil, per item, n = 128 (BoundlessMarketLegacyBench.json)',
    peerGas: 44_300,
    scope: 'checks a Merkle inclusion of a proof root for every item',
  },
  {
    figure: 'groth16OneInputExecutionGas',
    project: 'Snarkjs',
    operation:
      'verifyProof of the generated verifier, 1 input, execution (measured for the design, not in this run)',
    peerGas: 188_922,
    scope:
      'key in the code of one contract per circuit, no check of points, no cap on the gas of a bad proof',
  },
]
