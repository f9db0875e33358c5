// The words of a language: texts, plurals, numbers and times.
import { stringsOf } from './languages.ts'
import type { Plural, Strings } from './strings-english.ts'

const rightToLeft = /^(ar|he|fa|ur)\b/i

export type Words = ReturnType<typeof wordsOf>

type Key<Kind> = {
  [Name in keyof Strings]: Strings[Name] extends Kind ? Name : never
}[keyof Strings]

const spans: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** `lang`: a BCP 47 tag. Languages that are not loaded speak English, unless `strings` has the words. */
export function wordsOf(lang: string, strings: Partial<Strings> = {}) {
  const locale = localeOf(lang)
  // Looked up when it is said: more may be loaded by then.
  const said = <Name extends keyof Strings>(key: Name): Strings[Name] =>
    strings[key] ?? stringsOf(locale)[key]
  const numbers = new Intl.NumberFormat(locale)
  const plurals = new Intl.PluralRules(locale)
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  const long = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' })

  return {
    locale,
    dir: rightToLeft.test(locale) ? 'rtl' : 'ltr',
    number: (value: number) => numbers.format(value),
    /** At most two digits. */
    badge: (count: number) => (count > 99 ? `${numbers.format(99)}+` : numbers.format(count)),

    text: (key: Key<string>, time = '') => said(key).replace('{time}', time),
    count(key: Key<Plural>, count: number): string {
      const forms = said(key)
      const form = forms[plurals.select(count)] ?? forms.other
      return form.replace('{n}', numbers.format(count))
    },

    /** "5 min. ago"; after a week the day. */
    since(at: Date, now: Date): string {
      const passedMs = Math.max(0, now.getTime() - at.getTime())
      if (passedMs < 60_000) return ago.format(0, 'second')
      const [unit, lengthMs] = spans.find(([, ms]) => passedMs >= ms)!
      if (passedMs < 7 * 86_400_000) return ago.format(-Math.floor(passedMs / lengthMs), unit)
      const isThisYear = at.getFullYear() === now.getFullYear()
      return at.toLocaleDateString(locale, {
        day: 'numeric',
        month: 'short',
        ...(!isThisYear && { year: 'numeric' }),
      })
    },
    moment: (at: Date) => long.format(at),
    /** As short as it can be said today: a time, or a day and a time. */
    coming(at: Date, now: Date): string {
      const isToday = at.toDateString() === now.toDateString()
      const isSoon = at.getTime() - now.getTime() < 7 * 86_400_000
      return at.toLocaleString(locale, {
        hour: 'numeric',
        minute: '2-digit',
        ...(!isToday && (isSoon ? { weekday: 'short' } : { day: 'numeric', month: 'short' })),
      })
    },
  }
}

/** A language that `Intl` does not take is none. */
function localeOf(lang: string): string {
  try {
    return Intl.getCanonicalLocales(lang)[0] ?? 'en'
  } catch {
    return 'en'
  }
}
