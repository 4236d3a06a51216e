/** `1,707`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** Decimal units, as disks are sold: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 1000 && unit < byteUnits.length - 1; unit++) value /= 1000
  return `${unit === 0 ? value : value.toFixed(1)} ${byteUnits[unit]}`
}

/** `0.4 ms`, `12 ms` or `1.25 s`. */
export function formatDuration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** `12,345 records/s`. */
export function formatRate(count: number, ms: number, unit: string): string {
  return `${formatCount(count / Math.max(ms / 1000, 1e-6))} ${unit}/s`
}

/** `12.3 MB/s`. */
export function formatByteRate(bytes: number, ms: number): string {
  return `${formatBytes(Math.round(bytes / Math.max(ms / 1000, 1e-6)))}/s`
}

/** `2018-02-03T00:00:00.000Z`, or the number itself where there is no such date. */
export function formatTimestamp(timestamp: number): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) || timestamp < 0 ? String(timestamp) : date.toISOString()
}

/** `1 record`, `2 records`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
