import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium, type JSHandle, type Page } from 'playwright-core'
import { chromiumPath, noChromium } from './chromium.ts'
import type { PageApi } from './page.ts'

/**
 * As strict as a page that verifies and proves can have it: its own scripts, its own worker, its own files, and WebAssembly,
 * which is compiled and never evaluated as a script.
 */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; base-uri 'none'"

const HTML =
  '<!doctype html><meta charset="utf-8"><title>proofs</title><script type="module" src="/page.js"></script>'

const TYPES: Record<string, string> = { js: 'text/javascript', wasm: 'application/wasm' }

/** A page in a real Chromium. */
export type BrowserPage = {
  api: JSHandle<PageApi>
  page: Page
  /** Paths that were asked of the server, in order. */
  requests: string[]
  /** What the page complained of: errors, and what its policy refused. */
  complaints: string[]
  /** The scripts that were bundled, by path. */
  scripts: Record<string, Uint8Array>
  close(): Promise<void>
}

/** Bundles the page and its worker as an application would. */
async function bundle(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      page: fileURLToPath(new URL('page.ts', import.meta.url)),
      worker: fileURLToPath(import.meta.resolve('@duckmesh/sdk/proofs/worker')),
    },
    outdir: '/',
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  })
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]))
}

/**
 * Serves the page on loopback and opens it.
 * @param files further files by path, e.g. `/record-range.zkey`
 * @param policy of every answer of the server
 * @throws Error when there is no Chromium
 */
export async function openPage(files: Record<string, Uint8Array>, policy = POLICY): Promise<BrowserPage> {
  if (chromiumPath === undefined) throw new Error(`There is ${noChromium}.`)
  const scripts = await bundle()
  const served = new Map([...scripts, ...Object.entries(files)])
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push(path)
    const body = path === '/' ? HTML : served.get(path)
    const type = path === '/' ? 'text/html' : TYPES[path.split('.').at(-1)!]
    response.writeHead(body === undefined ? 404 : 200, {
      'content-security-policy': policy,
      'content-type': type ?? 'application/octet-stream',
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  const complaints: string[] = []
  const page = await browser.newPage()
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text())
  })
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const api = await page.waitForFunction(() => (globalThis as unknown as { duckmesh?: PageApi }).duckmesh)
  return {
    api: api as JSHandle<PageApi>,
    page,
    requests,
    complaints,
    scripts: Object.fromEntries(scripts),
    close: async () => {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
