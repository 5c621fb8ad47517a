// A process of its own, started by build.ts: it makes development keys for each .r1cs path that it is sent.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { BUILD, sha256 } from '../toolchain/compile.ts'
import { readR1cs } from '../toolchain/r1cs.ts'
import { loadGroups } from './curve.ts'
import { devInsecureKeys } from './devInsecure.ts'

/** @returns where the keys of a compiled circuit are kept */
export const keyFolder = (r1csSha256: string): string => join(BUILD, 'keys', r1csSha256)

if (import.meta.main) {
  const groups = loadGroups()
  process.on('message', async (r1csPath: string) => {
    const file = readFileSync(r1csPath)
    const folder = keyFolder(sha256(file))
    const mine = `${folder}-${process.pid}`
    const { zkey, verifyingKey, setup } = devInsecureKeys(readR1cs(file), await groups)
    mkdirSync(mine, { recursive: true })
    writeFileSync(join(mine, 'circuit.zkey'), zkey)
    writeFileSync(join(mine, 'verifying-key.json'), JSON.stringify({ setup, verifyingKey }, null, 2))
    // another process may have been first; its keys are then used by both
    if (existsSync(folder)) rmSync(mine, { recursive: true })
    else renameSync(mine, folder)
    process.send!(r1csPath)
  })
}
