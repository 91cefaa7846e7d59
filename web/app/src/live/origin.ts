import { apiKey } from '@/api/client'
import { Line, type LineOptions } from './line'

/** A line to the server that this page came from. */
export function lineToOrigin(options: Omit<LineOptions, 'open'> = {}): Line {
  const url = new URL('/ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  if (apiKey !== undefined) url.searchParams.set('api_key', apiKey)
  return new Line({ ...options, open: () => new WebSocket(url) })
}
