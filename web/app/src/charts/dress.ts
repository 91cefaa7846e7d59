import type { Tokens } from '@/design/tokens'

/** An ECharts option as JSON; the server says what, this file says how it looks. */
export type Option = Record<string, unknown>

const list = (value: unknown): Option[] =>
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
  const series = list(option['series']).map((s, i) => dressSeries(s, i, option, look))
  const sideways = isSideways(option)
  const named = series.filter((s) => typeof s['name'] === 'string' && s['name'] !== '')
  const wantsLegend = named.length > 1 || series.some((s) => s['type'] === 'pie')
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
      ...(list(option['tooltip'])[0] ?? {}), show: true, trigger: series.some((s) => s['type'] === 'line') ? 'axis' : 'item', confine: true,
      backgroundColor: tokens.raised, borderColor: tokens.edge, borderWidth: 1, padding: [px * 0.5, px * 0.75],
      textStyle: { ...text, color: tokens['ink-1'] }, axisPointer: { lineStyle: { color: tokens.edge } }, extraCssText: 'box-shadow:none;border-radius:3px',
    },
    legend: wantsLegend ? legend(series, look) : { show: false },
    grid: { left: 1, right: sideways ? px * 3.2 : px * 0.75, top: wantsLegend ? px * 2.2 : px * 0.75, bottom: 1, outerBoundsMode: 'same', containLabel: true },
    series,
  }
  if (option['xAxis'] !== undefined) dressed['xAxis'] = list(option['xAxis']).map((a) => axis(a, sideways ? 'value' : 'name', look))
  if (option['yAxis'] !== undefined) dressed['yAxis'] = list(option['yAxis']).map((a) => axis(a, sideways ? 'name' : 'value', look))
  return dressed
}

/** Bars that lie: their names stand on the y axis. */
function isSideways(option: Option): boolean {
  return list(option['yAxis']).some((a) => a['type'] === 'category')
}

function legend(series: Option[], { tokens, px }: Look): Option {
  const common = { show: true, itemWidth: px * 0.7, itemHeight: px * 0.7, itemGap: px, icon: 'roundRect', textStyle: { color: tokens['ink-2'], fontSize: px, fontFamily: tokens.sans }, inactiveColor: tokens['ink-3'], pageIconColor: tokens['ink-2'], pageTextStyle: { color: tokens['ink-3'] } }
  if (!series.some((s) => s['type'] === 'pie')) return { ...common, type: 'scroll', top: 0, left: 0 }
  const slices = list(series.find((s) => s['type'] === 'pie')?.['data'])
  return {
    ...common, orient: 'vertical', left: '52%', top: 'middle', itemGap: px * 0.85,
    formatter: (name: string) => {
      const value = slices.find((d) => d['name'] === name)?.['value']
      return value === undefined ? name : `${name}  {v|${String(value)}}`
    },
    textStyle: { ...common.textStyle, rich: { v: { color: tokens['ink-1'], fontFamily: tokens.figures, fontSize: px * 1.3, fontWeight: 600 } } },
  }
}

function axis(a: Option, role: 'name' | 'value', { tokens, px }: Look): Option {
  const bare = role === 'value'
  return {
    ...a,
    name: bare ? a['name'] : undefined,
    nameTextStyle: { color: tokens['ink-3'], fontSize: px * 0.92, align: 'left' },
    axisLine: { show: !bare, lineStyle: { color: tokens.edge } },
    axisTick: { show: false },
    axisLabel: { ...(a['axisLabel'] as Option | undefined), show: true, color: tokens[bare ? 'ink-3' : 'ink-2'], fontSize: px, fontFamily: bare ? tokens.figures : tokens.sans, hideOverlap: true, margin: px * 0.6 },
    splitLine: { show: bare, lineStyle: { color: tokens.hairline, width: 1 } },
    splitNumber: 3,
  }
}

function dressSeries(s: Option, index: number, option: Option, look: Look): Option {
  const { tokens, px } = look
  const figures = { fontFamily: tokens.figures, fontSize: px * 1.1, fontWeight: 600 }
  switch (s['type']) {
    case 'bar': {
      const sideways = isSideways(option)
      const stacked = s['stack'] !== undefined && s['stack'] !== ''
      return {
        ...s, barMaxWidth: px * 1.1, barCategoryGap: '38%',
        itemStyle: { borderRadius: stacked ? 0 : sideways ? [0, 2, 2, 0] : [2, 2, 0, 0], ...(s['itemStyle'] as Option | undefined), color: colourOf(s, index, tokens) },
        // The figure at the bar's end says it; no axis need be read.
        label: stacked ? { show: false } : { show: true, position: sideways ? 'right' : 'top', color: tokens['ink-1'], ...figures },
      }
    }
    case 'line':
      return {
        ...s, showSymbol: false, symbol: 'circle', symbolSize: px * 0.5, smooth: false, sampling: 'lttb', connectNulls: false,
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

/** One colour for one measure; a second series gets the next. */
function colourOf(s: Option, index: number, tokens: Tokens): unknown {
  const given = (s['itemStyle'] as Option | undefined)?.['color']
  return given ?? tokens[`series-${((index % 6) + 1) as 1 | 2 | 3 | 4 | 5 | 6}`]
}
