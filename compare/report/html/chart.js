"use strict";
// The chart of one problem at a time: runs, what the limit predicts, bounds; values under the pointer.
(() => {
  const data = document.getElementById("chart-data");
  const place = document.getElementById("chart");
  if (!data || !place) return;
  const charts = JSON.parse(data.textContent);
  const pick = document.getElementById("problem");
  const linear = document.getElementById("linear");
  const readout = document.getElementById("readout");
  const [W, H, L, R, T, B] = [760, 380, 84, 14, 14, 44];
  const colors = { median: "var(--ink)", predicted: "#D55E00", bound: ["#CC79A7", "#E69F00", "#56B4E9", "#009E73"] };
  const node = (name, attributes, text) => {
    const one = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => one.setAttribute(key, value));
    if (text !== undefined) one.textContent = text;
    return one;
  };
  charts.forEach((chart, rank) => {
    const group = document.createElement("optgroup");
    group.label = chart.name.replace("-problems", "");
    chart.problems.forEach((problem, at) => group.append(new Option(problem.title, `${rank} ${at}`)));
    pick.append(group);
  });

  // log10 of an excess far below 1e-308 needs a log of its own; a loss is shown as it is
  const fold = (value) => (Math.abs(value) <= 1 ? value * 0.5 : Math.sign(value) * (0.5 + Math.log10(Math.abs(value))));
  const across = (step) => (linear.checked ? step : step <= 1 ? 0.4 * step : 0.4 + Math.log10(step));
  const shown = (chart, value) => {
    if (!chart.excess) return value.toPrecision(3);
    return value > -4 ? (10 ** value).toPrecision(3) : `10^${value > -100 ? value.toFixed(1) : Math.round(value)}`;
  };
  let current = null;
  const draw = () => {
    const [rank, at] = pick.value.split(" ").map(Number);
    const chart = charts[rank], problem = chart.problems[at];
    const up = chart.excess ? fold : (value) => value;
    const runs = problem.curves.find((one) => one.kind === "median");
    const last = Math.max(...runs.steps);
    const values = problem.curves.flatMap((one) => [...one.values, ...(one.low ?? []), ...(one.high ?? [])]).filter((one) => one !== null);
    const low = chart.excess ? Math.min(...values) : 0;
    const high = chart.excess ? Math.max(...values, 0) : Math.max(1, 1.3 * Math.max(...runs.high));
    const x = (step) => L + (W - L - R) * across(step) / across(last);
    const y = (value) => Math.max(T, T + (H - T - B) * (up(high) - up(value)) / (up(high) - up(low)));
    const svg = node("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${chart.quantity} along training, ${problem.title}` });
    const line = (one, key) => one.steps.map((step, i) => [x(step), one[key][i]]).filter(([, v]) => v !== null).map(([a, v]) => `${a.toFixed(1)},${y(v).toFixed(1)}`);
    svg.append(node("polygon", { points: [...line(runs, "high"), ...line(runs, "low").reverse()].join(" "), fill: "var(--ink)", opacity: 0.16 }));
    const ticks = linear.checked ? [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last))
      : [0, ...Array.from({ length: Math.floor(Math.log10(last)) + 1 }, (_, i) => 10 ** i)];
    ticks.forEach((step) => {
      svg.append(node("line", { x1: x(step), x2: x(step), y1: H - B, y2: H - B + 5, stroke: "var(--soft)" }));
      svg.append(node("text", { x: x(step), y: H - B + 19, "text-anchor": "middle" }, step >= 1e4 ? step.toExponential(0).replace("+", "") : step));
    });
    const heights = chart.excess
      ? [0, -1, -10, -100, -1000, -10000, -100000].filter((one) => one >= low && one <= high)
      : [0, 0.2, 0.4, 0.6, 0.8, 1].filter((one) => one <= high);
    heights.forEach((one) => {
      svg.append(node("line", { x1: L, x2: W - R, y1: y(one), y2: y(one), stroke: "var(--line)" }));
      const label = node("text", { x: L - 7, y: y(one) + 4, "text-anchor": "end" }, chart.excess && one < -1 ? "10" : chart.excess ? 10 ** one : one);
      if (chart.excess && one < -1) label.append(node("tspan", { dy: -5, "font-size": "75%" }, one));
      svg.append(label);
    });
    problem.events.forEach(([name, step]) => {
      svg.append(node("line", { x1: x(step), x2: x(step), y1: T, y2: H - B, stroke: "var(--soft)", "stroke-dasharray": "2 3" }));
      svg.append(node("text", { x: x(step) + 3, y: T + 10 }, name));
    });
    let bounds = 0;
    const legend = document.createElement("p");
    legend.className = "legend";
    problem.curves.forEach((one) => {
      const color = one.kind === "bound" ? colors.bound[bounds++ % 4] : colors[one.kind];
      const dash = { bound: "8 4", predicted: "2 3" }[one.kind] ?? "";
      svg.append(node("polyline", { points: line(one, "values").join(" "), fill: "none", stroke: color, "stroke-width": one.kind === "predicted" ? 3 : 2, "stroke-dasharray": dash }));
      const key = document.createElement("span");
      key.textContent = one.name;
      key.style.borderBottom = `3px ${dash ? (one.kind === "bound" ? "dashed" : "dotted") : "solid"} ${color}`;
      legend.append(key, " ");
    });
    svg.append(node("text", { x: (L + W - R) / 2, y: H - 6, "text-anchor": "middle" }, "gradient step"));
    svg.append(node("text", { transform: `translate(13 ${(T + H - B) / 2}) rotate(-90)`, "text-anchor": "middle" }, `${chart.quantity}${chart.excess ? " (log of a log scale)" : ""}`));
    const ruler = node("line", { x1: L, x2: L, y1: T, y2: H - B, stroke: "var(--link)", visibility: "hidden" });
    svg.append(ruler);
    place.replaceChildren(svg, legend);
    current = { chart, problem, runs, x, ruler, svg };
  };
  const tell = (rank) => {
    const { chart, problem, runs, x, ruler } = current;
    const step = runs.steps[rank];
    ruler.setAttribute("x1", x(step));
    ruler.setAttribute("x2", x(step));
    ruler.setAttribute("visibility", "visible");
    const parts = problem.curves.map((one) => {
      const near = one.steps.reduce((best, s, i) => (Math.abs(s - step) < Math.abs(one.steps[best] - step) ? i : best), 0);
      const close = Math.abs(one.steps[near] - step) <= 0.15 * step + 1 && one.values[near] !== null;
      return close ? `${one.name}: ${shown(chart, one.values[near])}` : "";
    });
    readout.textContent = `step ${step}: ${parts.filter(Boolean).join("; ")}`;
  };
  place.addEventListener("pointermove", (event) => {
    const box = current.svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * W;
    tell(current.runs.steps.reduce((best, s, i) => (Math.abs(current.x(s) - at) < Math.abs(current.x(current.runs.steps[best]) - at) ? i : best), 0));
  });
  [pick, linear].forEach((one) => one.addEventListener("change", draw));
  draw();
})();
