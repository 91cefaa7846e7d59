import type { Tokens } from '@/design/tokens'
import { axisTime, shortTime } from '@/i18n/format'

/** An ECharts option as JSON; the server says what, this file says how it looks. */
export type Option = Record<string, unknown>

export const listOf = (value: unknown): Option[] =>
  value === undefined || value === null ? [] : ((Array.isArray(value) ? value : [value]) as Option[])

export interface Look {
  tokens: Tokens
  /** Pixels of a line of small text: walls have larger ones. */
  px: number
  /** Room that the chart has, in px. */
  width: number
  height: number
}

/**
 * Gives a server's option the look of these screens: our type and colours, no
 * title (the card has it), hairline axes, tight margins, direct labels on
 * bars instead of an axis to read them off. Data and meaning stay as they came.
 */
export function dress(option: Option, look: Look): Option {
  const { tokens, px } = look
  const sideways = isSideways(option)
  const raw = apart(listOf(option['series']))
  const named = raw.filter((s) => typeof s['name'] === 'string' && s['name'] !== '')
  const wantsLegend = named.length > 1 || raw.some((s) => s['type'] === 'pie')
  const top = wantsLegend ? px * 2 : px * 0.75
  const room = { ...look, height: look.height - top }
  const series = raw.map((s, i) => dressSeries(s, i, { ...option, series: raw }, room))
  const text = { color: tokens['ink-2'], fontFamily: tokens.sans, fontSize: px }
  const dressed: Option = {
    ...option,
    title: undefined, toolbox: undefined, dataZoom: undefined, backgroundColor: 'transparent',
    // Live charts are read, not watched: they change without a show.
    animation: false,
    color: [1, 2, 3, 4, 5, 6].map((n) => tokens[`series-${n as 1 | 2 | 3 | 4 | 5 | 6}`]),
    textStyle: text,
    aria: { enabled: true },
    tooltip: {
      ...(listOf(option['tooltip'])[0] ?? {}), show: true, trigger: raw.some((s) => s['type'] === 'line') ? 'axis' : 'item', confine: true,
      backgroundColor: tokens.raised, borderColor: tokens.edge, borderWidth: 1, padding: [px * 0.5, px * 0.75],
      textStyle: { ...text, color: tokens['ink-1'] }, axisPointer: { lineStyle: { color: tokens.edge } }, extraCssText: 'box-shadow:none;border-radius:3px',
    },
    legend: wantsLegend ? legend(raw, look) : { show: false },
    grid: { left: 1, right: sideways ? px * 3.2 : px * 0.75, top, bottom: 1, outerBoundsMode: 'same', containLabel: true },
    series,
  }
  if (option['xAxis'] !== undefined) dressed['xAxis'] = listOf(option['xAxis']).map((a) => (sideways ? bareAxis(a) : axis(a, 'names', room)))
  if (option['yAxis'] !== undefined) dressed['yAxis'] = listOf(option['yAxis']).map((a) => axis(a, sideways ? 'rows' : 'values', room))
  return dressed
}

/** ECharts takes series of one name for one: two stations may be called alike. */
function apart(series: Option[]): Option[] {
  const times = new Map<unknown, number>()
  return series.map((s) => {
    const n = (times.get(s['name']) ?? 0) + 1
    times.set(s['name'], n)
    return n > 1 && typeof s['name'] === 'string' && s['name'] !== '' ? { ...s, name: `${s['name']} (${String(n)})` } : s
  })
}

/** Whether there is nothing to draw yet: no point, or bars that are all 0. */
export function isBlank(option: Option): boolean {
  return listOf(option['series']).every((s) => {
    const data: unknown[] = Array.isArray(s['data']) ? s['data'] : []
    return s['type'] === 'bar' ? data.every((_, i) => !numberAt(s, i)) : data.length === 0
  })
}

/** What the values are: the name that the server gave their axis. */
export function measuredIn(option: Option): string {
  const axis = listOf(option[isSideways(option) ? 'xAxis' : 'yAxis'])[0]
  return typeof axis?.['name'] === 'string' ? axis['name'] : ''
}

/** Bars that lie: their names stand on the y axis. */
function isSideways(option: Option): boolean {
  return listOf(option['yAxis']).some((a) => a['type'] === 'category')
}

function legend(series: Option[], { tokens, px }: Look): Option {
  const common = { show: true, itemWidth: px * 0.7, itemHeight: px * 0.7, itemGap: px, icon: 'roundRect', textStyle: { color: tokens['ink-2'], fontSize: px, fontFamily: tokens.sans }, inactiveColor: tokens['ink-3'], pageIconColor: tokens['ink-2'], pageIconInactiveColor: tokens.edge, pageIconSize: px * 0.8, pageTextStyle: { color: tokens['ink-3'] } }
  if (!series.some((s) => s['type'] === 'pie')) return { ...common, type: 'scroll', top: 0, left: 0, right: 0, padding: [2, 0] }
  const slices = listOf(series.find((s) => s['type'] === 'pie')?.['data'])
  return {
    ...common, orient: 'vertical', left: '52%', top: 'middle', itemGap: px * 0.85,
    formatter: (name: string) => {
      const value = slices.find((d) => d['name'] === name)?.['value']
      return value === undefined ? name : `${name}  {v|${String(value)}}`
    },
    textStyle: { ...common.textStyle, rich: { v: { color: tokens['ink-1'], fontFamily: tokens.figures, fontSize: px * 1.3, fontWeight: 600 } } },
  }
}

/** The figures stand at the bars' ends: the axis would say it again. */
function bareAxis(a: Option): Option {
  return { ...a, name: undefined, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { show: false }, splitLine: { show: false } }
}

function axis(a: Option, role: 'names' | 'rows' | 'values', { tokens, px, width, height }: Look): Option {
  const values = role === 'values'
  const time = a['type'] === 'time'
  const names = Array.isArray(a['data']) ? a['data'].length : 0
  // Every row has its name, as small as it must be; below 10 px names are left out.
  const rowSize = role === 'rows' && names > 0 ? Math.min(px, Math.max(px * 0.8, (height / names) * 0.92)) : px
  const all = role === 'rows' ? height / Math.max(1, names) >= px * 0.85 : names > 0 && width / names > px * 3.9
  return {
    ...a,
    name: undefined,
    axisLine: { show: !values, lineStyle: { color: tokens.edge } },
    axisTick: { show: false },
    axisLabel: {
      ...(a['axisLabel'] as Option | undefined), show: true, color: tokens[values ? 'ink-3' : 'ink-2'], fontSize: rowSize,
      fontFamily: values || time ? tokens.figures : tokens.sans, hideOverlap: true, margin: px * 0.6, ...(all ? { interval: 0 } : {}),
      ...(time ? { formatter: (ms: number) => axisTime(ms) } : {}),
    },
    ...(time ? { minInterval: 60_000, axisPointer: { label: { formatter: ({ value }: { value: number }) => shortTime(value) } } } : {}),
    splitLine: { show: values, lineStyle: { color: tokens.hairline, width: 1 } },
    splitNumber: 3,
  }
}

function dressSeries(s: Option, index: number, option: Option, look: Look): Option {
  const { px } = look
  switch (s['type']) {
    case 'bar':
      return dressBar(s, index, option, look)
    case 'line':
      return {
        // A single point makes no line: it is shown as what it is.
        ...s, showSymbol: Array.isArray(s['data']) && s['data'].length === 1, symbol: 'circle', symbolSize: px * 0.5, smooth: false, sampling: 'lttb', connectNulls: false,
        lineStyle: { width: px / 7, ...(s['lineStyle'] as Option | undefined) },
        areaStyle: s['areaStyle'] ? { opacity: 0.14 } : undefined,
        emphasis: { disabled: true },
      }
    case 'pie':
      return {
        ...s, radius: [look.height * 0.27, look.height * 0.42], center: ['25%', '50%'], padAngle: 1.5,
        itemStyle: { borderRadius: 2, ...(s['itemStyle'] as Option | undefined) },
        label: { show: false }, labelLine: { show: false }, emphasis: { scale: false },
      }
    default:
      return { ...s }
  }
}

function dressBar(s: Option, index: number, option: Option, { tokens, px, width }: Look): Option {
  const sideways = isSideways(option)
  const bars = listOf(option['series']).filter((other) => other['type'] === 'bar')
  const stacked = typeof s['stack'] === 'string' && s['stack'] !== '' && bars.length > 1
  const count = Array.isArray(s['data']) ? s['data'].length : 0
  // A stack is labelled once, at its end, with its sum.
  const last = s === bars.at(-1)
  // Bars side by side are narrower than their figures.
  const alone = stacked || bars.length === 1
  const fits = sideways || (alone && width / Math.max(1, count) > px * 2.7)
  const sum = (at: number) => bars.reduce((total, bar) => total + (numberAt(bar, at) ?? 0), 0)
  const label = {
    show: fits && (!stacked || last), position: sideways ? 'right' : 'top', color: tokens['ink-1'],
    fontFamily: tokens.figures, fontSize: px * 1.05, fontWeight: 600, distance: px * 0.35,
    formatter: ({ dataIndex }: { dataIndex: number }) => {
      const value = stacked ? sum(dataIndex) : numberAt(s, dataIndex)
      // A bar that is not there needs no 0 beside it.
      return value ? String(Math.round(value * 100) / 100) : ''
    },
  }
  return {
    ...s, barMaxWidth: px * 1.1, barCategoryGap: '34%', barGap: '15%',
    itemStyle: { borderRadius: stacked ? 0 : sideways ? [0, 2, 2, 0] : [2, 2, 0, 0], ...(s['itemStyle'] as Option | undefined), color: colourOf(s, index, tokens) },
    label,
  }
}

function numberAt(series: Option, at: number): number | null {
  const datum: unknown = Array.isArray(series['data']) ? series['data'][at] : undefined
  const value = typeof datum === 'object' && datum !== null && 'value' in datum ? datum.value : datum
  return typeof value === 'number' ? value : null
}

/** One colour for one measure; a second series gets the next. */
function colourOf(s: Option, index: number, tokens: Tokens): unknown {
  const given = (s['itemStyle'] as Option | undefined)?.['color']
  return given ?? tokens[`series-${((index % 6) + 1) as 1 | 2 | 3 | 4 | 5 | 6}`]
}
