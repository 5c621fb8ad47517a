import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'

/** What a figure may grow by before somebody must look at it and commit the new one, per mille. */
const TOLERANCE_PER_MILLE = 20n

/**
 * Compares gas with the committed figures of `contracts/snapshots/<name>.json`; `UPDATE_GAS=1` writes them instead.
 * @param measured gas of each call, by the name of its figure
 * @param ceilings most that some of them may cost, whatever is committed
 */
export async function expectSnapshot(
  name: string,
  measured: Readonly<Record<string, bigint>>,
  ceilings: Readonly<Record<string, bigint>> = {},
): Promise<void> {
  for (const [figure, ceiling] of Object.entries(ceilings)) {
    expect(measured[figure], figure).to.be.at.most(ceiling)
  }
  const file = new URL(`../../snapshots/${name}.json`, import.meta.url)
  if (process.env.UPDATE_GAS === '1') {
    const figures = Object.fromEntries(Object.entries(measured).map(([figure, gas]) => [figure, Number(gas)]))
    await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`)
    return
  }
  const committed = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>
  expect(Object.keys(measured).sort(), 'run with UPDATE_GAS=1 after adding figures').to.deep.equal(
    Object.keys(committed).sort(),
  )
  for (const [figure, gas] of Object.entries(measured)) {
    const limit = (BigInt(committed[figure] ?? 0) * (1000n + TOLERANCE_PER_MILLE)) / 1000n
    expect(gas, figure).to.be.at.most(limit)
  }
}
