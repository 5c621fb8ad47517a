import process from 'node:process'

/** @returns where a Chromium is: that of `CHROMIUM_PATH`, or the one that npm installs on Linux x64 */
async function find(): Promise<string | undefined> {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    return await packed.executablePath()
  } catch {
    return undefined // an optional package: it is not there on other systems
  }
}

export const chromiumPath = await find()

/** Why tests with a browser are left out, or false. */
export const noChromium =
  chromiumPath === undefined &&
  'no Chromium here: neither the package from npm nor one that CHROMIUM_PATH names'
