// nodemailer, loaded when the first account is set up: a server without one need not hold it in memory.
import { createRequire } from 'node:module'
import type MailComposer from 'nodemailer/lib/mail-composer'
import type SMTPPool from 'nodemailer/lib/smtp-pool'

type Library = { Pool: typeof SMTPPool; Composer: typeof MailComposer }

const require = createRequire(import.meta.url)
let library: Library | null = null

export function mailLibrary(): Library {
  library ??= {
    Pool: load<typeof SMTPPool>('nodemailer/lib/smtp-pool'),
    Composer: load<typeof MailComposer>('nodemailer/lib/mail-composer'),
  }
  return library
}

function load<T>(name: string): T {
  const loaded = require(name) as T & { default?: T }
  return loaded.default ?? loaded
}
