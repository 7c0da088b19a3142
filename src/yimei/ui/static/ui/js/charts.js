// Draws what the server says in plain words: kinds, names and values. The library comes only where a chart is.
import { bind } from "./bind.js";

let library;

function load(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    colours: [1, 2, 3, 4, 5, 6, 7].map((number) => token(`chart-${number}`)),
    ink: token("ink"),
    quiet: token("ink-2"),
    line: token("line"),
    surface: token("surface"),
    grey: token("chart-grey"),
    wash: token("jade-wash"),
    face: getComputedStyle(document.body).fontFamily,
  };
}

function writer(spec) {
  const number = new Intl.NumberFormat(document.documentElement.lang || "zh", {
    maximumFractionDigits: spec.decimals,
    minimumFractionDigits: spec.unit === "%" ? 1 : 0,
  });
  return (value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return spec.words.hidden;
    const text = number.format(spec.unit === "%" ? value * 100 : value).replace("-", "−");
    if (spec.unit === "¥") return `¥${text}`;
    return spec.unit ? `${text} ${spec.unit}` : text;
  };
}

/** In so little room names beside a pie would be cut: they stand under it, and an axis has few, short marks. */
const NARROW = 480;
const KEY_LINE = 24;

const clip = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

function common(spec, look) {
  return {
    color: look.colours,
    textStyle: { fontFamily: look.face, color: look.quiet },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 180,
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: look.surface,
      borderColor: look.line,
      textStyle: { color: look.ink, fontSize: 12 },
    },
    grid: { left: 8, right: 30, top: spec.series.length > 1 ? 36 : 16, bottom: 8, containLabel: true },
    legend: spec.series.length > 1 ? { type: "scroll", top: 0, textStyle: { color: look.quiet } } : undefined,
  };
}

/** The key to a picture in shades of one colour, with the numbers at its ends. */
function shades(found, look, write) {
  const min = Math.min(...found, 0);
  const max = Math.max(...found, 0) || 1;
  return {
    min,
    max,
    text: [write(max), write(min)],
    orient: "horizontal",
    left: "center",
    bottom: 0,
    itemHeight: 120,
    itemWidth: 10,
    calculable: false,
    textStyle: { color: look.quiet },
    formatter: write,
    inRange: { color: [look.wash, look.colours[0]] },
  };
}

function axis(look, extra) {
  return {
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: look.line } },
    splitNumber: 4,
    ...extra,
    axisLabel: { color: look.quiet, hideOverlap: true, ...extra.axisLabel },
  };
}

/** Where a few names have no room beside one another they stand aslant, each under its bar. */
function slanted(names, room) {
  const longest = Math.max(...names.map((name) => clip(name, 12).length));
  const isTight = names.length * (longest * 9 + 12) > room - 50;
  return room < NARROW && isTight && names.length <= 10 ? { rotate: 45, interval: 0, hideOverlap: false } : {};
}

/** The axis of values, which on a telephone says 3万 and not 30,000, and says it seldom. */
function measures(spec, look, write, room, extra = {}) {
  const isNarrow = room < NARROW;
  const short = new Intl.NumberFormat(document.documentElement.lang || "zh", {
    notation: "compact",
    maximumFractionDigits: 1,
  });
  const written = (value) => (spec.unit === "¥" ? "¥" : "") + short.format(value).replace("-", "−");
  const isLong = isNarrow && spec.unit !== "%";
  return axis(look, {
    type: "value",
    max: whole(spec),
    splitNumber: isNarrow ? 3 : 4,
    interval: whole(spec) && !extra.scale ? 0.25 : undefined,
    ...extra,
    axisLabel: { formatter: isLong ? (value) => (Math.abs(value) < 10000 ? write(value) : written(value)) : write },
  });
}

/** Whiskers: the interval of each value. */
function whiskers(series, look, isAcross) {
  const data = series.lows.flatMap((low, at) => (low === null ? [] : [[at, low, series.highs[at]]]));
  if (!data.length) return [];
  return [
    {
      type: "custom",
      silent: true,
      z: 5,
      data,
      encode: isAcross ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
      renderItem(params, api) {
        const at = api.value(0);
        const ends = [1, 2].map((part) => api.coord(isAcross ? [api.value(part), at] : [at, api.value(part)]));
        const [a, b] = ends;
        const cap = isAcross ? [0, 4] : [4, 0];
        const line = (x1, y1, x2, y2) => ({
          type: "line",
          shape: { x1, y1, x2, y2 },
          style: { stroke: look.ink, lineWidth: 1.25, opacity: 0.7 },
        });
        return {
          type: "group",
          children: [
            line(a[0], a[1], b[0], b[1]),
            ...ends.map(([x, y]) => line(x - cap[0], y - cap[1], x + cap[0], y + cap[1])),
          ],
        };
      },
    },
  ];
}

/** No axis of shares goes on beyond the whole; one of growth, which may pass it, does. */
function whole(spec) {
  if (spec.unit !== "%") return undefined;
  const known = spec.series.flatMap((one) => [...one.values, ...one.highs]).filter((value) => value !== null);
  const most = Math.max(...known);
  return most > 0.8 && most <= 1 ? 1 : undefined;
}

const builders = {
  bar(spec, look, write, room) {
    const isAcross = spec.series.length === 1 && !spec.isOrdered;
    const names = axis(look, { type: "category", data: spec.names, splitLine: { show: false } });
    const values = measures(spec, look, write, room);
    names.axisLabel = {
      color: look.ink,
      hideOverlap: true,
      formatter: (text) => clip(text, 12),
      ...(isAcross ? {} : slanted(spec.names, room)),
    };
    if (isAcross) names.inverse = true;
    const series = spec.series.flatMap((one) => [
      { type: "bar", name: one.name, data: one.values, barMaxWidth: 22, itemStyle: { borderRadius: 3 } },
      ...(spec.series.length === 1 ? whiskers(one, look, isAcross) : []),
    ]);
    return isAcross
      ? { xAxis: values, yAxis: names, series }
      : { xAxis: names, yAxis: values, series };
  },
  line(spec, look, write, room) {
    const series = spec.series.flatMap((one) => {
      const line = {
        type: "line",
        name: one.name,
        data: one.values,
        symbolSize: 5,
        lineStyle: { width: 2 },
        connectNulls: Boolean(spec.isJoined),
      };
      if (spec.series.length > 1 || one.lows.every((low) => low === null)) return [line];
      const band = { type: "line", symbol: "none", silent: true, stack: "band", lineStyle: { opacity: 0 } };
      return [
        { ...band, data: one.lows, tooltip: { show: false } },
        {
          ...band,
          data: one.highs.map((high, at) => (high === null ? null : high - one.lows[at])),
          areaStyle: { color: look.wash, opacity: 0.9 },
          tooltip: { show: false },
        },
        line,
      ];
    });
    return {
      xAxis: axis(look, { type: "category", data: spec.names, boundaryGap: false, splitLine: { show: false } }),
      yAxis: measures(spec, look, write, room, { scale: spec.unit === "%" }),
      series,
    };
  },
  pie(spec, look, write, room, height) {
    const data = spec.names.map((name, at) => ({ name, value: spec.series[0].values[at] ?? 0 }));
    const whole = data.reduce((sum, part) => sum + part.value, 0) || 1;
    const share = (name) => ((100 * data.find((part) => part.name === name).value) / whole).toFixed(1);
    const isNarrow = room < NARROW;
    const key = isNarrow ? Math.ceil(data.length / 2) * KEY_LINE + 12 : 0;
    const outer = Math.max(40, Math.min(room, height - key) / 2 - 8);
    return {
      legend: isNarrow
        ? {
            bottom: 0,
            left: "center",
            itemWidth: 14,
            textStyle: { color: look.ink, width: Math.floor(room / 2) - 36, overflow: "truncate" },
            formatter: (name) => `${clip(name, 8)} ${share(name)}%`,
          }
        : undefined,
      series: [
        {
          type: "pie",
          radius: isNarrow ? [outer * 0.6, outer] : ["44%", "72%"],
          center: ["50%", isNarrow ? outer + 8 : "50%"],
          data,
          label: { show: !isNarrow, color: look.ink, formatter: (part) => `${part.name} ${part.percent}%` },
          itemStyle: { borderColor: look.surface, borderWidth: 2 },
        },
      ],
    };
  },
  funnel(spec, look, write) {
    const data = spec.names.map((name, at) => ({ name, value: spec.series[0].values[at] ?? 0 }));
    return {
      series: [
        {
          type: "funnel",
          left: 8,
          right: "32%",
          top: 8,
          bottom: 8,
          data,
          label: { position: "right", color: look.ink, formatter: (part) => `${clip(part.name, 8)} ${write(part.value)}` },
          labelLine: { lineStyle: { color: look.quiet } },
        },
      ],
    };
  },
  heat(spec, look, write) {
    const cells = spec.series.flatMap((one, y) => one.values.map((value, x) => [x, y, value ?? "-"]));
    const found = cells.map((cell) => cell[2]).filter((value) => typeof value === "number");
    return {
      legend: undefined,
      grid: { left: 8, right: 16, top: 8, bottom: 44, containLabel: true },
      xAxis: axis(look, { type: "category", data: spec.names }),
      yAxis: axis(look, { type: "category", data: spec.series.map((one) => one.name) }),
      visualMap: shades(found, look, write),
      series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: look.surface, borderWidth: 2 } }],
    };
  },
  calendar(spec, look, write) {
    const days = spec.names.map((day, at) => [day, spec.series[0].values[at]]).filter((pair) => pair[1] !== null);
    const values = days.map((pair) => pair[1]);
    return {
      grid: undefined,
      visualMap: {
        show: false,
        min: 0,
        max: Math.max(...values, 1),
        inRange: { color: [look.wash, look.colours[0]] },
      },
      calendar: {
        range: [spec.names[0], spec.names.at(-1)],
        left: 40,
        right: 8,
        top: 24,
        cellSize: ["auto", 16],
        splitLine: { lineStyle: { color: look.quiet } },
        itemStyle: { color: "transparent", borderColor: look.line },
        dayLabel: { firstDay: 1, color: look.quiet, nameMap: spec.words.days },
        monthLabel: { color: look.quiet, nameMap: spec.words.months },
        yearLabel: { show: false },
      },
      series: [{ type: "heatmap", coordinateSystem: "calendar", data: days }],
    };
  },
  /** Equal squares, one for each province at its place: no borders, and nobody is large for being empty. */
  map(spec, look, write, room) {
    const width = Math.floor((room - 16) / 9) - 6;
    const values = spec.series[0].values;
    const found = values.filter((value) => value !== null);
    const blank = { visualMap: false, itemStyle: { color: look.line } };
    const hidden = { show: false, type: "category" };
    return {
      legend: undefined,
      grid: { left: 8, right: 8, top: 8, bottom: 40 },
      xAxis: { ...hidden, data: [...Array(9).keys()] },
      yAxis: { ...hidden, data: [...Array(8).keys()], inverse: true },
      visualMap: shades(found, look, write),
      series: [
        {
          type: "heatmap",
          data: spec.places.map(([x, y], at) => ({
            name: spec.names[at],
            value: [x, y, values[at] ?? 0],
            ...(values[at] === null ? blank : {}),
          })),
          label: {
            show: true,
            color: look.ink,
            textBorderColor: look.surface,
            textBorderWidth: 3,
            fontSize: 11,
            width,
            overflow: "break",
            lineHeight: 13,
            formatter: (one) => clip(one.name, 6),
          },
          itemStyle: { borderColor: look.surface, borderWidth: 3, borderRadius: 6 },
        },
      ],
    };
  },
  sankey(spec, look) {
    const mark = (name, side) => `${side}${name}`;
    const links = spec.series.flatMap((one) =>
      one.values.flatMap((value, at) =>
        value ? [{ source: mark(spec.names[at], "‹"), target: mark(one.name, "›"), value }] : [],
      ),
    );
    const names = new Set(links.flatMap((link) => [link.source, link.target]));
    return {
      legend: undefined,
      series: [
        {
          type: "sankey",
          left: 8,
          right: 110,
          top: 8,
          bottom: 8,
          data: [...names].map((name) => ({ name })),
          links,
          label: { color: look.ink, formatter: (node) => node.name.slice(1) },
          lineStyle: { color: "gradient", opacity: 0.35 },
          draggable: false,
        },
      ],
    };
  },
  histogram(spec, look, write) {
    const option = builders.bar({ ...spec, isOrdered: true }, look, write);
    option.series[0].barCategoryGap = "2%";
    option.series[0].barMaxWidth = undefined;
    return option;
  },
  box(spec, look, write) {
    return {
      xAxis: axis(look, { type: "value", axisLabel: { color: look.quiet, formatter: write } }),
      yAxis: axis(look, { type: "category", data: spec.names, inverse: true, splitLine: { show: false } }),
      series: [
        {
          type: "boxplot",
          data: spec.boxes,
          itemStyle: { color: look.wash, borderColor: look.colours[0] },
          boxWidth: [8, 22],
        },
      ],
    };
  },
  scatter(spec, look, write) {
    return {
      xAxis: axis(look, { type: "value", scale: true, name: spec.across, nameLocation: "middle", nameGap: 28 }),
      yAxis: axis(look, { type: "value", scale: true, axisLabel: { color: look.quiet, formatter: write } }),
      grid: { left: 8, right: 24, top: 16, bottom: 24, containLabel: true },
      series: [
        {
          type: "scatter",
          data: spec.points,
          symbolSize: (point) => 8 + Math.sqrt(point[2]),
          label: { show: true, position: "top", color: look.quiet, formatter: (one) => clip(one.value[3], 8) },
          itemStyle: { opacity: 0.8 },
        },
      ],
    };
  },
};

/** One line for each thing under the pointer, in the words of the table. */
function said(spec, write) {
  return (under) => {
    const list = Array.isArray(under) ? under : [under];
    return list
      .filter((one) => one.seriesType !== "custom" && one.value !== undefined)
      .map((one) => {
        if (spec.kind === "scatter") return `${one.value[3]}\n${write(one.value[1])}`;
        if (spec.kind === "map") return `${one.name}\n${write(spec.series[0].values[one.dataIndex])}`;
        if (spec.kind === "box") return `${one.name}\n${one.value.slice(1).map(write).join(" · ")}`;
        if (spec.kind === "sankey") return `${(one.name || "").replaceAll(/[‹›]/g, "")}  ${write(one.value)}`;
        if (spec.kind === "heat") {
          return `${spec.names[one.value[0]]} · ${spec.series[one.value[1]].name}\n${write(one.value[2])}`;
        }
        const value = Array.isArray(one.value) ? one.value.at(-1) : one.value;
        return `${one.name || one.value[0]}  ${spec.series.length > 1 ? `${one.seriesName}  ` : ""}${write(value)}`;
      })
      .join("\n");
  };
}

/** Every value of a picture, one after the other: its words, where its tip stands, what opens behind it. */
function stops(spec, write) {
  const tip = (seriesIndex, dataIndex) => ({ seriesIndex, dataIndex });
  const known = (value) => value !== null && value !== undefined;
  if (spec.kind === "scatter") {
    return spec.points.map((one, at) => ({
      text: `${one[3]}  ${write(one[1])} (${spec.across} ${one[0].toLocaleString()})`,
      name: one[3],
      tip: tip(0, at),
    }));
  }
  if (spec.kind === "box") {
    return spec.boxes.map((box, at) => ({
      text: `${spec.names[at]}  ${box.map(write).join(" · ")}`,
      name: spec.names[at],
      tip: tip(0, at),
    }));
  }
  if (spec.kind === "sankey") {
    return spec.series.flatMap((one) =>
      one.values.flatMap((value, at) =>
        value ? [{ text: `${spec.names[at]} → ${one.name}  ${write(value)}`, name: spec.names[at] }] : [],
      ),
    );
  }
  const isOne = spec.series.length === 1 && spec.kind !== "heat";
  const hasBand = spec.kind === "line" && isOne && spec.series[0].lows.some(known);
  const found = spec.series.flatMap((one, number) =>
    one.values.map((value, at) => ({
      text: `${spec.names[at]}${isOne ? "" : ` · ${one.name}`}  ${write(value)}`,
      name: spec.names[at],
      value,
      tip: spec.kind === "heat" ? tip(0, number * spec.names.length + at) : tip(hasBand ? 2 : number, at),
    })),
  );
  if (spec.kind !== "calendar") return found;
  return found.filter((one) => known(one.value)).map((one, at) => ({ ...one, tip: tip(0, at) }));
}

/** Which value a finger beside a bar or a point meant. */
function meant(chart, spec, { offsetX, offsetY }) {
  if (!["bar", "line", "histogram"].includes(spec.kind)) return -1;
  const [x, y] = chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]) ?? [];
  const at = Math.round(chart.getOption().yAxis[0].type === "category" ? y : x);
  return at >= 0 && at < spec.names.length ? at : -1;
}

/** Arrow keys walk from value to value, Enter opens what stands behind one, and so does a click. A finger
 *  is told the value first; the second touch opens. */
function walk(node, chart, spec) {
  const write = writer(spec);
  const told = node.parentElement.querySelector(`[data-ym-chart-told="${node.dataset.ymChart}"]`);
  const all = told ? stops(spec, write) : [];
  const open = (name = "") => {
    const way = spec.ways?.[name.replace(/^[‹›]/, "")];
    if (way) location.assign(way);
  };
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  let at = -1;
  let touched = "";
  let isFinger = false;
  const tell = (text) => {
    if (told) told.textContent = text;
  };
  const stand = (place) => {
    at = place;
    if (all[at].tip) chart.dispatchAction({ type: "showTip", ...all[at].tip });
    tell(all[at].text);
  };
  node.addEventListener("pointerdown", (event) => (isFinger = event.pointerType === "touch"), true);
  chart.on("click", (one) => {
    const here = `${one.seriesIndex}/${one.dataType}/${one.dataIndex}`;
    if (!isFinger || touched === here) return open(one.name);
    touched = here;
    tell(said(spec, write)(one).replaceAll("\n", "  "));
  });
  chart.getZr().on("click", (event) => {
    if (!isFinger || event.target || !all.length) return;
    const place = meant(chart, spec, event);
    if (place < 0) return;
    if (touched === `at ${place}`) return open(spec.names[place]);
    touched = `at ${place}`;
    stand(place);
  });
  if (!all.length) return;
  node.addEventListener("keydown", (event) => {
    if (event.key in steps) stand(at < 0 ? 0 : (at + steps[event.key] + all.length) % all.length);
    else if (event.key === "Home") stand(0);
    else if (event.key === "End") stand(all.length - 1);
    else if (event.key === "Enter" && at >= 0) return open(all[at].name);
    else if (event.key === "Escape") return chart.dispatchAction({ type: "hideTip" });
    else return;
    event.preventDefault();
  });
}

bind("[data-ym-chart]", async (node) => {
  const spec = JSON.parse(document.getElementById(node.dataset.ymChart).textContent);
  let chart;
  const draw = () => {
    const look = tokens();
    const write = writer(spec);
    const option = { ...common(spec, look), ...builders[spec.kind](spec, look, write, node.clientWidth, node.clientHeight) };
    option.tooltip = { ...common(spec, look).tooltip, formatter: said(spec, write) };
    chart.setOption(option, true);
  };
  const echarts = await load(node.dataset.ymChartLibrary);
  chart = echarts.init(node);
  draw();
  walk(node, chart, spec);
  new ResizeObserver(() => {
    chart.resize();
    if (spec.kind === "map") draw();
  }).observe(node);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  node.classList.add("is-drawn");
});
