// The languages that the components speak. English comes along; each other one is loaded when it is
// asked for.
import { english, type Strings } from './strings-english.ts'

const loaders: Record<string, () => Promise<Strings>> = {
  ar: async () => (await import('./strings-arabic.ts')).arabic,
  de: async () => (await import('./strings-german.ts')).german,
  fr: async () => (await import('./strings-french.ts')).french,
}
const asked: Record<string, Promise<void> | undefined> = {}
const loaded: Record<string, Strings> = {}

/** `lang`: a BCP 47 tag. English for what is not at hand, or not yet. */
export function stringsOf(lang: string): Strings {
  return loaded[nameOf(lang)] ?? english
}

/** Words of a part that was loaded. */
export function addEnglish(words: Partial<Strings>): void {
  Object.assign(english, words)
}

/** Asks once. Never rejects: who cannot get a language speaks English. */
export function loadLanguage(lang: string): Promise<void> | undefined {
  const name = nameOf(lang)
  return (asked[name] ??= loaders[name]?.().then(
    (strings) => void (loaded[name] = strings),
    () => {},
  ))
}

function nameOf(lang: string): string {
  return lang.split('-')[0]!.toLowerCase()
}
