// Telephone numbers. What is known of the world's numbering plans takes 5 MB, so it is loaded with the
// first number.
import { createRequire } from 'node:module'
import type * as Library from 'libphonenumber-js'

const require = createRequire(import.meta.url)
let library: typeof Library | null = null

/** Undefined when it is no number, or has no country in front. */
export function parsePhone(text: string): Library.PhoneNumber | undefined {
  library ??= require('libphonenumber-js') as typeof Library
  return library.parsePhoneNumberFromString(text)
}
