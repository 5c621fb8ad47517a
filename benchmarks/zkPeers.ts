/** A proof of a network of nearly the same shape, as others publish it. */
export type ZkPeer = {
  /** Our circuit that does the nearest to the same. */
  circuit: string
  project: string
  proveSeconds: number
  constraints?: number
  /** What theirs is beside ours, so that nobody reads the ratio as a race on one track. */
  scope: string
}

const otherShape = 'for 196→25→10; ours has 196→30→10'
const otherMachine = 'another machine, proving alone, neither input nor weights committed to; ours binds both'

/** Published figures: Guy1m0/ZKML-Benchmark, `benchmarks/*.csv`, read in 2026-08. */
export const zkPeers: readonly ZkPeer[] = [
  {
    circuit: 'digits-constant',
    project: 'circomlib-ml',
    proveSeconds: 1.17,
    constraints: 18_075,
    scope: `${otherShape}; ${otherMachine}; its weights are inputs, as in digits-packed`,
  },
  {
    circuit: 'digits-constant',
    project: 'EZKL',
    proveSeconds: 0.65,
    scope: `${otherShape}; ${otherMachine}; at 4.5 points less accuracy, 19 s without that loss`,
  },
  { circuit: 'digits-constant', project: 'zkml', proveSeconds: 21, scope: `${otherShape}; ${otherMachine}` },
  {
    circuit: 'lenet-constant',
    project: 'circomlib-ml',
    proveSeconds: 43.8,
    constraints: 2_558_720,
    scope: otherMachine,
  },
  {
    circuit: 'lenet-constant',
    project: 'EZKL',
    proveSeconds: 0.16,
    scope: `${otherMachine}; doubtful, the table gives it 50 MB of memory`,
  },
  { circuit: 'lenet-constant', project: 'zkml', proveSeconds: 15.6, scope: otherMachine },
]
