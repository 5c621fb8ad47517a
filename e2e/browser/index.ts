// `@duckmesh/e2e/browser`: the SDK in a real Chromium, for tests and benchmarks.
export { noChromium } from './chromium.ts'
export { type BrowserPage, openPage } from './openPage.ts'
export type { Outcome, PageApi } from './page.ts'
export { type ServedCircuits, serveCircuits } from './serveCircuits.ts'
