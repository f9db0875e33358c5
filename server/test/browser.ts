// A real browser for stories that end on a screen: Chromium, by playwright-core, which brings none along.
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { patienceMs } from './given.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const program = findProgram()

/** For `test(…, { skip })`: why there is no browser, with what to do about it. */
export const noBrowser: string | false =
  program !== undefined || process.env['BELFRY_TEST_REQUIRE_CHROMIUM'] === '1'
    ? false
    : 'no Chromium on the PATH: `apt-get install chromium`, or name one in BELFRY_TEST_CHROMIUM'

function findProgram(): string | undefined {
  const given = process.env['BELFRY_TEST_CHROMIUM']
  if (given) return given
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return folders
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Nothing of it is left behind, and it asks nobody but who is asked in the story. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: program ?? 'chromium',
    args: [
      '--no-sandbox', // tests may be run by root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page in a window of its own, as patient as every story. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(patienceMs)
  return context.newPage()
}
