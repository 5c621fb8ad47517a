// A process of its own, started by build.ts: it makes development keys for each circuit that it is sent.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { sha256 } from '../toolchain/compile.ts'
import { readR1cs } from '../toolchain/r1cs.ts'
import { loadGroups } from './curve.ts'
import { devInsecureKeys } from './devInsecure.ts'

/** A compiled circuit whose keys are wanted. */
export interface SetUp {
  r1csPath: string
  /** Folder that holds one folder for each circuit. */
  keysFolder: string
}

/** @returns where the keys of a compiled circuit are kept */
export const keyFolder = (keysFolder: string, r1csSha256: string): string => join(keysFolder, r1csSha256)

if (import.meta.main) {
  const groups = loadGroups()
  process.on('message', async ({ r1csPath, keysFolder }: SetUp) => {
    const file = readFileSync(r1csPath)
    const folder = keyFolder(keysFolder, sha256(file))
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
