// Names of time zones as they are given. The spelling of who gave them is kept.
import { didYouMean, nearestOf } from './nearest.ts'

// Letters that people write for an offset. Which country's time they mean, and whether in summer too, nobody can say.
const abbreviations: Record<string, string> = {
  EST: 'America/New_York or America/Panama',
  EDT: 'America/New_York',
  EST5EDT: 'America/New_York',
  CST: 'America/Chicago or Asia/Shanghai',
  CDT: 'America/Chicago',
  CST6CDT: 'America/Chicago',
  MST: 'America/Denver or America/Phoenix',
  MDT: 'America/Denver',
  MST7MDT: 'America/Denver',
  PST: 'America/Los_Angeles or Asia/Manila',
  PDT: 'America/Los_Angeles',
  PST8PDT: 'America/Los_Angeles',
  AST: 'America/Halifax or Asia/Riyadh',
  ADT: 'America/Halifax',
  AKST: 'America/Anchorage',
  AKDT: 'America/Anchorage',
  HST: 'Pacific/Honolulu',
  BST: 'Europe/London or Asia/Dhaka',
  IST: 'Asia/Kolkata, Europe/Dublin or Asia/Jerusalem',
  WET: 'Europe/Lisbon',
  WEST: 'Europe/Lisbon',
  MET: 'Europe/Berlin',
  CET: 'Europe/Berlin or Europe/Paris',
  CEST: 'Europe/Berlin or Europe/Paris',
  EET: 'Europe/Athens or Europe/Helsinki',
  EEST: 'Europe/Athens or Europe/Helsinki',
  MSK: 'Europe/Moscow',
  SAST: 'Africa/Johannesburg',
  GST: 'Asia/Dubai',
  PKT: 'Asia/Karachi',
  SGT: 'Asia/Singapore',
  HKT: 'Asia/Hong_Kong',
  KST: 'Asia/Seoul',
  JST: 'Asia/Tokyo',
  AEST: 'Australia/Brisbane or Australia/Sydney',
  AEDT: 'Australia/Sydney',
  ACST: 'Australia/Darwin or Australia/Adelaide',
  AWST: 'Australia/Perth',
  NZST: 'Pacific/Auckland',
  NZDT: 'Pacific/Auckland',
}

/** Why this is no time zone, to go on from the name of the field; null when it is one. */
export function timezoneProblem(timezone: string): string | null {
  if (/^(utc|gmt)?[+-]?\d|^(utc|gmt)[+-]/i.test(timezone))
    return 'must be a place such as Europe/Lisbon: an offset does not know daylight saving time'
  const places = abbreviations[timezone.toUpperCase()]
  if (places !== undefined)
    return `must be a place such as Europe/Lisbon: an abbreviation may mean several. For ${timezone} say ${places}.`
  if (isTimezone(timezone)) return null
  return `must be an IANA time zone such as Europe/Lisbon.${likely(timezone)}`
}

/** `lisbon` is most likely Europe/Lisbon. */
function likely(written: string): string {
  const zones = Intl.supportedValuesOf('timeZone')
  const wanted = written.trim().replaceAll(/[ -]+/g, '_')
  const cities = zones.map((zone) => zone.slice(zone.lastIndexOf('/') + 1))
  const city = wanted.includes('/') ? null : nearestOf(wanted, cities)
  if (city === null) return didYouMean(wanted, zones)
  return ` Did you mean "${zones[cities.indexOf(city)]}"?`
}

function isTimezone(timezone: string): boolean {
  if (timezone.length > 100 || !/^[A-Za-z]/.test(timezone)) return false
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone })
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone) // knows fewer names
    return true
  } catch {
    return false // the one thing they throw for: no such zone
  }
}
