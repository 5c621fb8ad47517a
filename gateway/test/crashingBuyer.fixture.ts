// A buyer in a process of its own that kills itself at a step. Environment: see crash.test.ts.
import process from 'node:process'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import { openSqlitePurseStore } from '../src/adapters/sqlitePurseStore.ts'
import { systemClock } from '../src/adapters/systemClock.ts'
import { connectChannelChain, createBuyer, httpDirectory, type Stage } from '../src/index.ts'
import { ask, bought, duck, smallMoney } from './testWorld.ts'

const { CRASH_AT, CRASH_TIMES = '1', FOLDER, RPC_URL, MESH, COORDINATOR_URL, WORK } = process.env
let left = Number(CRASH_TIMES)
const observe = (stage: Stage) => {
  if (stage === CRASH_AT && --left === 0) process.kill(process.pid, 'SIGKILL')
}
const buyer = await createBuyer({
  chain: await connectChannelChain({
    rpcUrl: RPC_URL!,
    mesh: MESH as `0x${string}`,
    account: devAccount(devIndex.buyer),
    clock: systemClock,
    quietWithinMs: 2_000,
  }),
  store: openSqlitePurseStore(FOLDER!, Date.now()),
  directory: httpDirectory(COORDINATOR_URL!),
  clock: systemClock,
  // closes only when that is the work: an idle channel is otherwise kept
  policy: { ...smallMoney, depositWei: 30_000n, ...(WORK === 'close' ? { idleCloseMs: 1 } : {}) },
  settings: { silenceMs: 1_000, resumeAfterMs: 50 },
  tendEveryMs: WORK === 'close' ? 100 : 60_000,
  ages: { freshMs: 0 },
  observe,
})
if (WORK === 'close') await new Promise((resolve) => setTimeout(resolve, 10_000))
else await bought(buyer, ask('crash', 60), duck)
await buyer.close()
