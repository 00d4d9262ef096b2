// Themes, shades, layers, legend and months. Text from the data only ever becomes text content.

// Themes ----------------------------------------------------------------------------------------

function openTheme(k, focus) {
  state.theme = k;
  closeDetails();
  const theme = data.themes[k];
  data.themes.forEach((_, other) => {
    const tab = byId("tab-" + other);
    tab.setAttribute("aria-selected", String(other === k));
    tab.tabIndex = other === k ? 0 : -1;
    byId("theme-" + other).hidden = other !== k;
    const went = byId("went-" + other);
    if (went) went.hidden = other !== k;
  });
  if (!theme.breaks[state.by]) state.by = "count";
  if (focus) byId("tab-" + k).focus();
  showShades();
  showLayers();
  showLegend();
  showMonth();
  fitNotes();
  redraw();
}

function startTabs() {
  data.themes.forEach((_, k) => {
    const tab = byId("tab-" + k);
    tab.addEventListener("click", () => openTheme(k));
    tab.addEventListener("keydown", (event) => {
      const last = data.themes.length - 1;
      const to = { ArrowRight: k < last ? k + 1 : 0, ArrowLeft: k ? k - 1 : last, Home: 0, End: last };
      if (event.key in to) {
        event.preventDefault();
        openTheme(to[event.key], true);
      }
    });
  });
}

// Shades, layers, legend ------------------------------------------------------------------------

const SHADES = { count: "Incidents", harm: "Harm", hot: "Significance" };

function showShades() {
  const theme = data.themes[state.theme];
  const choices = Object.keys(SHADES).filter((by) => theme.breaks[by]);
  byId("shades").hidden = choices.length < 2;
  byId("shade-choices").replaceChildren(
    ...choices.map((by) => {
      const input = element("input", { type: "radio", name: "shade", value: by, checked: by === state.by });
      input.addEventListener("change", () => {
        state.by = by;
        showLegend();
        showMonth();
        redraw();
      });
      return element("label", {}, input, " " + SHADES[by]);
    }),
  );
}

function showLayers() {
  const theme = data.themes[state.theme];
  const rows = [["Places", "pins", "Numbered places"]];
  if (theme.cells) rows.push(["Places", "cells", "Shaded " + data.units]);
  theme.outlines.forEach((group, k) => rows.push(["Places", "outline-" + k, group.label]));
  data.zones.forEach((layer, k) => rows.push(["Zones", "zone-" + k, layer.label]));
  if (data.backdrop) rows.push(["Zones", "backdrop", "Roads and place names"]);
  if (data.zones.some((layer) => layer.kind === "ward")) rows.push(["Zones", "names", "Ward names"]);
  const groups = ["Places", "Zones"].map((title) => {
    const mine = rows.filter((row) => row[0] === title);
    if (!mine.length) return null;
    return element("fieldset", {}, element("legend", {}, title), ...mine.map(layerSwitch));
  });
  byId("layer-choices").replaceChildren(...groups.filter(Boolean));
}

function layerSwitch([, layer, label]) {
  const input = element("input", { type: "checkbox", checked: shown(layer), name: layer });
  input.addEventListener("change", () => {
    state.hidden[layer] = !input.checked;
    showLegend();
    redraw();
  });
  return element("label", {}, input, " " + label);
}

function showLegend() {
  const theme = data.themes[state.theme];
  const rows = theme.cells && shown("cells") ? shadeRows(theme) : [];
  const lines = [];
  theme.outlines.forEach((group, k) => {
    if (shown("outline-" + k)) lines.push(lineRow("cluster", group.label + " (" + group.shape.length + ")"));
  });
  data.zones.forEach((layer, k) => {
    if (!shown("zone-" + k)) return;
    if (layer.priority.some(Boolean)) lines.push(lineRow("priority", "Priority ward"));
    lines.push(lineRow(LINES[layer.kind] ? layer.kind : "other", layer.label));
  });
  const title = rows.length ? legendTitle(theme) : theme.state === "absent" ? theme.note : "On this map";
  byId("legend-units").textContent = rows.length ? data.units : "";
  for (const id of ["legend", "print-legend"]) {
    byId(id + "-title").textContent = title;
    byId(id + "-shades").replaceChildren(...rows.map((row) => row.cloneNode(true)));
    byId(id + "-lines").replaceChildren(...lines.map((row) => row.cloneNode(true)));
  }
  fitLegend();
}

// A legend that is taller than its room scrolls, and can then be reached with the keyboard.
function fitLegend() {
  const legend = document.querySelector(".legend");
  if (legend.scrollHeight > legend.clientHeight + 1) legend.tabIndex = 0;
  else legend.removeAttribute("tabindex");
}

function legendTitle(theme) {
  const what = { count: "Incidents", harm: "Harm", hot: "Significance" }[state.by];
  const month = data.months.length ? data.months[state.month] : theme.period;
  return what + " per " + data.unit + ", " + (state.by === "hot" ? theme.period : month);
}

function shadeRows(theme) {
  const cells = shadedCells(theme);
  const held = cells.colours.map((_, k) => cells.classes.filter((found) => found === k).length);
  const labels =
    state.by === "hot"
      ? ["Incidents, not flagged", "Flagged: " + theme.flagged]
      : classLabels(theme.breaks[state.by], leastShown(theme)).concat(withheldLabel(theme));
  const rows = labels.map((label, k) => shadeRow(cells.colours[k], label, held[k]));
  if (state.by !== "hot" && !held[labels.length - 1]) rows.pop();
  const unshaded = theme.size - held.reduce((sum, n) => sum + n, 0);
  const withheld = rows.splice(Object.keys(theme.breaks[state.by]).length);
  rows.reverse().push(...withheld);
  if (theme.disclosed && !unshaded) return rows;
  const nothing = state.by === "harm" ? "None weighed" : "None";
  const hidden = theme.disclosed && state.by === "hot";
  return [...rows, shadeRow("#ffffff", hidden ? "Withheld, or none" : nothing, unshaded)];
}

// Where small numbers are withheld, so is whether there are any. Other months are also withheld
// beside a small one.
function withheldLabel(theme) {
  if (!theme.disclosed) return "Withheld: small numbers";
  return state.by === "count" && state.month === data.month ? "Fewer than 5, or none" : "Withheld, or none";
}

// The smallest number above nothing that this page can show.
function leastShown(theme) {
  return theme.disclosed && state.by === "count" ? 5 : 1;
}

function classLabels(bounds, least) {
  return bounds.map((bound, k) => {
    const low = number.format(bound);
    if (k + 1 === bounds.length) return low + " or more";
    const high = bounds[k + 1] - 1;
    if (bound > high || (k === 0 && bound !== least)) return "under " + number.format(bounds[k + 1]);
    return high > bound ? low + " to " + number.format(high) : low;
  });
}

function shadeRow(colour, label, held) {
  const swatch = element("span", { className: "swatch" });
  swatch.style.background = colour;
  const words = element("span", { className: "unseen" }, " " + (held === 1 ? data.unit : data.units));
  const count = element("span", { className: "held" }, number.format(held), words);
  return element("li", {}, swatch, element("span", {}, label), count);
}

function lineRow(kind, label) {
  const line = LINES[kind];
  const swatch = element("span", { className: "line" });
  const style = line.dash.length ? (line.dash[0] > 4 ? "dashed" : "dotted") : "solid";
  swatch.style.borderTop = Math.max(2, line.width) + "px " + style + " " + line.color;
  return element("li", {}, swatch, element("span", {}, label));
}

// Months ----------------------------------------------------------------------------------------

function startMonths() {
  if (data.months.length < 2) return;
  const slider = byId("month");
  slider.max = String(data.months.length - 1);
  slider.value = String(state.month);
  byId("month-ticks").replaceChildren(
    ...data.ticks.map((label, k) => element("span", { className: k === data.month ? "main" : "" }, label)),
  );
  byId("months").classList.toggle("long", data.ticks.some((label) => label.length > 12));
  slider.addEventListener("input", () => {
    state.month = Number(slider.value);
    showLegend();
    showMonth();
    redraw();
  });
}

function showMonth() {
  const theme = data.themes[state.theme];
  const usable = Boolean(theme.monthly && theme.monthly[state.by]) && data.months.length > 1;
  byId("months").hidden = !usable;
  if (!usable) return;
  const label = data.months[state.month];
  byId("month").setAttribute("aria-valuetext", label);
  const stays = state.month === data.month ? "" : " (the table stays at " + data.ticks[data.month] + ")";
  const long = byId("months").classList.contains("long");
  byId("month-now").textContent = (long ? data.ticks[state.month] : label) + stays;
  fitTicks();
}

// Labels of the slider that do not fit side by side: the middle ones go, then all.
function fitTicks() {
  const row = byId("month-ticks");
  const ticks = [...row.children];
  const end = (k) => k === 0 || k === ticks.length - 1;
  for (const kept of [() => true, end, () => false]) {
    ticks.forEach((tick, k) => (tick.hidden = !kept(k)));
    if (row.scrollWidth <= row.clientWidth) return;
  }
}
