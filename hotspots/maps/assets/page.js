// The page: themes, map, places, details, months, search, print. Text from the data only ever
// becomes text content.

const data = unpacked(readData("map-data"));
const geometry = decodeShapes(data.shapes);
const state = { theme: 0, by: "count", month: data.month, chosen: null, hidden: {} };
const byId = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const number = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 0 });

const backdrop = decodeBackdrop(data.backdrop);
let paperTimer = 0;
const land = data.land.map((k) => geometry.shapes[k]);
const map = L.map("map", {
  zoomSnap: 0.25,
  zoomDelta: 0.5,
  maxZoom: 18,
  minZoom: 7,
  attributionControl: false,
  zoomAnimation: !calm,
  fadeAnimation: false,
});
L.control.scale({ position: "bottomright", maxWidth: 130, imperial: false }).addTo(map);
const north = L.control({ position: "bottomright" });
north.onAdd = () => element("div", { className: "north", ariaHidden: "true" }, "N");
north.addTo(map);

// A Leaflet renderer that asks the painter for the whole picture whenever the map has moved.
const Picture = L.Renderer.extend({
  options: { padding: 0.25 },
  _initContainer() {
    this._container = element("canvas", { className: "picture" });
    this._container.setAttribute("aria-hidden", "true");
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    fitCanvas(this._container, size.x, size.y, window.devicePixelRatio || 1);
    const view = {
      scale: 256 * Math.pow(2, this._map.getZoom()),
      left: origin.x,
      top: origin.y,
      width: size.x,
      height: size.y,
      ratio: this._container.width / size.x,
      unit: 1,
    };
    paint(this._container.getContext("2d"), view, scene());
  },
});
const picture = new Picture();

function fitCanvas(canvas, width, height, ratio) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
}

// What is drawn now -----------------------------------------------------------------------------

function scene() {
  const theme = data.themes[state.theme];
  return {
    geometry: geometry,
    land: land,
    bare: Boolean(data.tiles),
    roads: shown("backdrop") ? backdrop.lines : [],
    cells: theme.cells && shown("cells") ? shadedCells(theme) : null,
    zones: data.zones.filter((layer, k) => shown("zone-" + k)).map(zoneLayer),
    outlines: theme.outlines
      .filter((group, k) => shown("outline-" + k))
      .flatMap((group) => group.shape.map((k) => geometry.shapes[k])),
    pins: shown("pins") ? pins(theme) : [],
    selected: state.chosen && shapeOf(state.chosen),
    names: shown("names") ? names() : [],
  };
}

function shown(layer) {
  return !state.hidden[layer];
}

function shadedCells(theme) {
  const cells = theme.cells;
  const bounds = theme.breaks[state.by];
  const values = valuesNow(theme);
  const classes = values.map((value, i) => {
    if (state.by === "hot") return cells.count[i] > 0 ? Number(value === 1) : -1;
    const held = value === null && cells.count[i] !== 0 && (state.by === "count" || theme.weighed);
    return held ? bounds.length : classOf(value, bounds);
  });
  const palette = PALETTES[state.by];
  const colours = state.by === "hot" ? palette : spread(palette, bounds.length).concat(WITHHELD);
  return { shapes: cells.shape.map((k) => geometry.shapes[k]), classes: classes, colours: colours };
}

function spread(palette, count) {
  if (count < 2) return [palette[2]];
  const step = (palette.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, k) => palette[Math.round(k * step)]);
}

function valuesNow(theme) {
  const monthly = theme.monthly && state.by !== "hot" && theme.monthly[state.by];
  if (monthly && state.month !== data.month) return monthly[state.month];
  return theme.cells[state.by];
}

function zoneLayer(layer) {
  return {
    kind: layer.kind,
    shapes: layer.shape.map((k) => geometry.shapes[k]),
    priority: layer.priority,
  };
}

function pins(theme) {
  return theme.top.map((place, k) => ({
    number: k + 1,
    shape: shapeOf(place),
    selected: samePlace(place, state.chosen),
  }));
}

function names() {
  const wards = data.zones
    .filter((layer, k) => layer.kind === "ward" && shown("zone-" + k))
    .flatMap((layer) =>
      layer.shape.map((k, i) => ({
        text: textAt(layer.name, i),
        shape: geometry.shapes[k],
        strong: layer.priority[i],
      })),
    )
    .sort((a, b) => b.strong - a.strong || extent(b.shape) - extent(a.shape));
  return wards.concat(shown("backdrop") ? backdrop.names : []);
}

function extent(shape) {
  return (shape.east - shape.west) * (shape.south - shape.north);
}

// A place is a cell (group -1) or an item of a group of outlines ---------------------------------

function columnsOf(place) {
  const theme = data.themes[state.theme];
  return place.group < 0 ? theme.cells : theme.outlines[place.group];
}

function shapeOf(place) {
  return geometry.shapes[columnsOf(place).shape[place.item]];
}

function samePlace(a, b) {
  return Boolean(a && b && a.group === b.group && a.item === b.item);
}

function redraw() {
  if (picture._map) picture._update();
  clearTimeout(paperTimer);
  paperTimer = setTimeout(drawForPaper, 600);
}

// Where the map looks ---------------------------------------------------------------------------

function lookAt(box, most) {
  const corner = (x, y) => [latitudeOf(y), longitudeOf(x)];
  map.fitBounds(L.latLngBounds(corner(box.west, box.south), corner(box.east, box.north)), {
    animate: !calm,
    maxZoom: most || 18,
    paddingTopLeft: [besideLegend(), 16],
    paddingBottomRight: [besideDetails(), 16],
  });
}

// On a wide map the legend has its own strip, so that it hides nothing of the first view.
function besideLegend() {
  const legend = document.querySelector(".legend");
  const over = getComputedStyle(legend).position === "absolute";
  return over && map.getSize().x > 600 ? legend.offsetWidth + 22 : 16;
}

function besideDetails() {
  const details = byId("details");
  const over = getComputedStyle(details).position === "absolute";
  return over && map.getSize().x > 600 && !details.hidden ? details.offsetWidth + 22 : 16;
}

function lookAtEverything() {
  const theme = data.themes[state.theme];
  const cells = theme.cells ? theme.cells.shape.map((k) => geometry.shapes[k]) : [];
  const shapes = land.length ? land : cells.length ? cells : geometry.shapes;
  lookAt(shapes.length ? joinBoxes(shapes) : { west: 0.49, east: 0.5, north: 0.32, south: 0.33 });
}

function lookAtShape(shape) {
  const wide = shape.east - shape.west;
  const high = shape.south - shape.north;
  const around = Math.max(wide, high) * 1.1;
  lookAt(
    {
      west: shape.west - around,
      east: shape.east + around,
      north: shape.north - around,
      south: shape.south + around,
    },
    15,
  );
}

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
      : classLabels(theme.breaks[state.by]).concat("Withheld: small numbers");
  const rows = labels.map((label, k) => shadeRow(cells.colours[k], label, held[k]));
  if (state.by !== "hot" && !held[labels.length - 1]) rows.pop();
  const unshaded = theme.size - held.reduce((sum, n) => sum + n, 0);
  const nothing = state.by === "harm" ? "None weighed" : "None";
  return [...rows.reverse(), shadeRow("#ffffff", nothing, unshaded)];
}

function classLabels(bounds) {
  return bounds.map((bound, k) => {
    const low = number.format(bound);
    if (k + 1 === bounds.length) return low + " or more";
    const high = bounds[k + 1] - 1;
    if (bound > high || (k === 0 && bound !== 1)) return "under " + number.format(bounds[k + 1]);
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
    ...data.months.map((label, k) => element("span", { className: k === data.month ? "main" : "" }, label)),
  );
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
  byId("month-now").textContent =
    state.month === data.month ? label : label + " (the table stays at " + data.months[data.month] + ")";
}

// Details ---------------------------------------------------------------------------------------

function choose(place, options) {
  state.chosen = place;
  const theme = data.themes[state.theme];
  const rank = theme.top.findIndex((other) => samePlace(other, place));
  document.querySelectorAll("tr.place").forEach((row) => row.classList.remove("chosen"));
  document.querySelectorAll("button.go").forEach((button) => button.removeAttribute("aria-current"));
  if (rank >= 0) {
    const button = byId("go-" + state.theme + "-" + rank);
    button.setAttribute("aria-current", "true");
    button.closest("tr").classList.add("chosen");
  }
  showDetails(place, rank);
  if (options && options.move) lookAtShape(shapeOf(place));
  redraw();
  say((rank >= 0 ? "Place " + (rank + 1) + ": " : "") + placeName(place) + ". Details are beside the map.");
}

function placeName(place) {
  const columns = columnsOf(place);
  return textAt(columns.name, place.item) || "Unnamed place";
}

function showDetails(place, rank) {
  const columns = columnsOf(place);
  const theme = data.themes[state.theme];
  const i = place.item;
  byId("details-rank").textContent = rank >= 0 ? "Place " + (rank + 1) : place.group < 0 ? data.unit : columns.one;
  byId("details-name").textContent = placeName(place);
  byId("details-ward").textContent = textAt(columns.ward, i);
  byId("details-count").textContent = figure(columns.count[i]);
  const banded = textAt(columns.disclosure, i) === "harm in a band";
  const harm = banded ? range(columns.low[i], columns.high[i]) : figure(columns.harm[i]);
  byId("details-harm").textContent = theme.weighed ? harm : "not weighed";
  byId("details-harm").classList.toggle("words", !theme.weighed);
  const facts = [
    ["Rank", rankWords(columns, i)],
    ["Range of harm", range(columns.low[i], columns.high[i])],
    ["Largest event", theme.weighed ? share(columns.event[i], " of the harm") : ""],
    ["Busiest map point", share(columns.point[i], " of the incidents")],
    ["Evidence", columns.hot[i] === null ? "" : columns.hot[i] ? "Flagged: " + theme.flagged : "Not flagged"],
    ["Size", columns.km2[i] === null ? "" : number.format(columns.km2[i] * 100) + " hectares"],
    ...zonesOf(columns, i),
    ["Reference", idOf(columns, i)],
    ["Disclosure", textAt(columns.disclosure, i)],
  ].filter((fact) => fact[1]);
  byId("details-facts").replaceChildren(
    ...facts.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, element("bdi", {}, text)))),
  );
  showHistory(place, theme);
  byId("details").hidden = false;
}

function figure(value) {
  return value === null ? "withheld" : number.format(Math.round(value));
}

function share(value, of) {
  return value === null ? "" : percent.format(value) + of;
}

function range(low, high) {
  if (low === null || high === null || low === high) return "";
  return number.format(Math.round(low)) + " to " + number.format(Math.round(high));
}

function rankWords(columns, i) {
  if (columns.rank[i] === null) return "not ranked";
  const between = range(columns.rankLow[i], columns.rankHigh[i]);
  return number.format(columns.rank[i]) + (between ? " (between " + between.replace("to", "and") + ")" : "");
}

function zonesOf(columns, i) {
  const found = [];
  const flat = columns.zones || [];
  for (let k = 0; k < flat.length; k += 4) {
    if (flat[k] !== i) continue;
    const layer = data.zones[flat[k + 1]];
    const part = flat[k + 3] === null || flat[k + 3] >= 0.995 ? "" : " (" + percent.format(flat[k + 3]) + " of it)";
    found.push([layer.one, textAt(layer.name, flat[k + 2]) + part]);
  }
  return found;
}

function idOf(columns, i) {
  const ids = columns.ids || data.ids;
  return ids.before + ids.ids[columns.ids ? i : columns.shape[i]] + ids.after;
}

function showHistory(place, theme) {
  const monthly = place.group < 0 && theme.monthly && data.months.length > 1 ? theme.monthly.count : null;
  byId("details-history").hidden = !monthly;
  if (!monthly) return;
  const values = monthly.map((month) => month[place.item] || 0);
  const most = Math.max(1, ...values);
  byId("details-bars").replaceChildren(
    ...values.map((value, k) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = Math.round((value / most) * 100) + "%";
      const label = element("span", { className: "month" }, data.months[k]);
      return element("li", {}, label, element("span", { className: "track" }, bar), element("b", {}, number.format(value)));
    }),
  );
}

function closeDetails() {
  const was = state.chosen;
  state.chosen = null;
  byId("details").hidden = true;
  document.querySelectorAll("tr.place").forEach((row) => row.classList.remove("chosen"));
  document.querySelectorAll("button.go").forEach((button) => button.removeAttribute("aria-current"));
  if (was) redraw();
}

function startDetails() {
  data.themes.forEach((theme, k) =>
    theme.top.forEach((place, rank) => {
      const button = byId("go-" + k + "-" + rank);
      button.addEventListener("click", () => choose(place, { move: true }));
    }),
  );
  byId("details-close").addEventListener("click", () => {
    const rank = data.themes[state.theme].top.findIndex((place) => samePlace(place, state.chosen));
    closeDetails();
    (rank >= 0 ? byId("go-" + state.theme + "-" + rank) : byId("map")).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !byId("details").hidden) byId("details-close").click();
  });
}

// The pointer on the map ------------------------------------------------------------------------

function placeAt(latlng) {
  const theme = data.themes[state.theme];
  const px = worldX(latlng.lng);
  const py = worldY(latlng.lat);
  const inside = (k) => contains(geometry, geometry.shapes[k], px, py);
  if (theme.cells && shown("cells")) {
    const item = theme.cells.shape.findIndex((k, i) => theme.cells.count[i] !== 0 && inside(k));
    if (item >= 0) return { group: -1, item: item };
  }
  for (let group = 0; group < theme.outlines.length; group++) {
    const item = shown("outline-" + group) ? theme.outlines[group].shape.findIndex(inside) : -1;
    if (item >= 0) return { group: group, item: item };
  }
  return null;
}

function startPointer() {
  const tip = byId("tip");
  map.on("mousemove", (event) => {
    const place = placeAt(event.latlng);
    tip.hidden = !place;
    map.getContainer().classList.toggle("over", Boolean(place));
    if (!place) return;
    const columns = columnsOf(place);
    const exact = textAt(columns.disclosure, place.item) !== "harm in a band";
    const harm = exact && data.themes[state.theme].weighed ? ", harm " + figure(columns.harm[place.item]) : "";
    byId("tip-name").textContent = placeName(place);
    byId("tip-figures").textContent = figure(columns.count[place.item]) + " incidents" + harm;
    tip.style.left = Math.min(event.containerPoint.x + 14, map.getSize().x - 230) + "px";
    tip.style.top = event.containerPoint.y + 16 + "px";
  });
  map.on("mouseout movestart", () => (tip.hidden = true));
  map.on("click", (event) => {
    const place = placeAt(event.latlng);
    if (place) choose(place);
    else closeDetails();
  });
}

// Search, print, save ---------------------------------------------------------------------------

function startSearch() {
  const wards = data.zones
    .filter((layer) => layer.kind === "ward")
    .flatMap((layer) => layer.shape.map((k, i) => [textAt(layer.name, i), geometry.shapes[k]]));
  byId("search").hidden = !wards.length;
  byId("wards").replaceChildren(...wards.map(([name]) => element("option", { value: name })));
  const field = byId("ward");
  const go = () => {
    const wanted = field.value.trim().toLowerCase();
    if (!wanted) return;
    const found =
      wards.find(([name]) => name.toLowerCase() === wanted) ||
      wards.find(([name]) => name.toLowerCase().includes(wanted));
    byId("search-answer").textContent = found ? "" : "No ward of that name";
    if (!found) return;
    lookAt(found[1]);
    say("Map moved to " + found[0]);
  };
  field.addEventListener("change", go);
  field.addEventListener("keydown", (event) => event.key === "Enter" && go());
}

function startPrint() {
  const print = (paper) => {
    document.documentElement.dataset.paper = paper;
    drawForPaper();
    requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
  };
  byId("whole").addEventListener("click", () => {
    lookAtEverything();
    say("Map moved to the whole area");
  });
  byId("print-a4").addEventListener("click", () => print("a4"));
  byId("print-a3").addEventListener("click", () => print("a3"));
}

// The pictures for paper are kept ready: what a browser paints during printing may be misplaced.
// A3 is A4 made larger, so one picture serves both.
function drawForPaper() {
  const theme = data.themes[state.theme];
  const whole = land.length ? land : theme.cells ? theme.cells.shape.map((k) => geometry.shapes[k]) : [];
  const places = theme.top.map(shapeOf);
  byId("paper").classList.toggle("lone", !places.length);
  if (whole.length) drawPaper(byId("paper-whole"), joinBoxes(whole), 0.03);
  if (places.length) drawPaper(byId("paper-places"), joinBoxes(places), 0.35);
}

// Long notes are set smaller on paper, down to a legible size, so that one sheet holds them. What
// is left for them is estimated in millimetres of an A4 sheet.
function fitNotes() {
  const open = byId("theme-" + state.theme);
  const lines = Math.ceil(open.querySelector(".finding").textContent.length / 66);
  const used = 16 + 5.2 * lines + 12.6 * open.querySelectorAll("tr.place").length;
  const free = Math.max(30, 160 - used) * 132 * 0.78;
  setSize("--note", free, lengthOf(".notes") - lengthOf(".making"), 2.5);
  setSize("--making", 138 * 17, lengthOf(".paper-making"), 2.2);
}

function lengthOf(selector) {
  return document.querySelector(selector).textContent.replace(/\s+/g, " ").length + 1;
}

function setSize(name, free, length, most) {
  const size = Math.max(1.7, Math.min(most, Math.sqrt(free / (0.62 * length))));
  document.documentElement.style.setProperty(name, size.toFixed(2));
}

const MILLIMETRE = 96 / 25.4;
const PAPER_RATIO = 4.5;

function drawPaper(canvas, box, margin) {
  const width = Number(canvas.dataset.width) * MILLIMETRE;
  const height = Number(canvas.dataset.height) * MILLIMETRE;
  canvas.width = Math.round(width * PAPER_RATIO);
  canvas.height = Math.round(height * PAPER_RATIO);
  const wide = (box.east - box.west) * (1 + 2 * margin);
  const high = (box.south - box.north) * (1 + 2 * margin);
  const scale = Math.min(width / wide, height / high);
  const view = {
    scale: scale,
    left: ((box.west + box.east) / 2) * scale - width / 2,
    top: ((box.north + box.south) / 2) * scale - height / 2,
    width: width,
    height: height,
    ratio: PAPER_RATIO,
    unit: 0.8,
    paper: true,
  };
  const context = canvas.getContext("2d");
  paint(context, view, Object.assign(scene(), { selected: null }));
  paintScaleAndNorth(context, view);
}

// Only one menu is open at a time; Escape and a click elsewhere close it.
function startMenus() {
  const menus = [...document.querySelectorAll("details.menu")];
  const closeOthers = (kept) => menus.forEach((menu) => (menu.open = menu.open && menu === kept));
  menus.forEach((menu) => menu.addEventListener("toggle", () => menu.open && closeOthers(menu)));
  document.addEventListener("click", (event) => closeOthers(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}

// Online tiles are an extra: where they cannot be had, the page says so and stays complete.
function startTiles() {
  if (!data.tiles) return;
  const tiles = L.tileLayer(data.tiles.url, { maxZoom: 18 });
  tiles.on("tileerror", () => (byId("tiles-failed").hidden = false));
  tiles.on("tileload", () => (byId("tiles-failed").hidden = true));
  tiles.addTo(map);
}

function startSave() {
  byId("save").addEventListener("click", () => {
    const link = element("a", { download: "places.csv" });
    link.href = URL.createObjectURL(new Blob(["\ufeff" + tableAsCsv()], { type: "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    say("The table was saved as places.csv");
  });
}

function tableAsCsv() {
  const theme = data.themes[state.theme];
  const lines = [["marking", "theme", "period", "place", "name", "ward", "incidents", "harm", "owner", "action", "review"]];
  theme.top.forEach((place, rank) => {
    const columns = columnsOf(place);
    const written = ["owner", "action", "review"].map((field) => {
      const input = byId(field + "-" + state.theme + "-" + rank);
      return input ? input.value : "";
    });
    const harm = theme.weighed ? columns.harm[place.item] : "";
    const known = [data.marking, theme.label, theme.period, rank + 1, placeName(place), textAt(columns.ward, place.item)];
    lines.push([...known, columns.count[place.item], harm, ...written]);
  });
  return lines.map((line) => line.map(csvField).join(",")).join("\r\n") + "\r\n";
}

// A spreadsheet would run a field that begins like a formula.
function csvField(value) {
  const text = value === null ? "" : String(value);
  const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  return '"' + safe.replaceAll('"', '""') + '"';
}

// Small things ----------------------------------------------------------------------------------

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function say(words) {
  byId("live").textContent = words;
}

function start() {
  document.documentElement.classList.add("live");
  document.querySelectorAll("[data-live-role]").forEach((part) => part.setAttribute("role", part.dataset.liveRole));
  const asked = new URLSearchParams(location.hash.slice(1));
  document.documentElement.dataset.paper = asked.get("paper") === "a3" ? "a3" : "a4";
  if (SHADES[asked.get("shade")]) state.by = asked.get("shade");
  startTabs();
  startDetails();
  startPointer();
  startMonths();
  startSearch();
  startPrint();
  startSave();
  startMenus();
  openTheme(Math.min(Number(asked.get("theme")) || 0, data.themes.length - 1));
  lookAtEverything();
  startTiles();
  picture.addTo(map);
  let looked = false;
  map.on("movestart", (event) => (looked = looked || Boolean(event.originalEvent)));
  new ResizeObserver(() => {
    map.invalidateSize({ animate: false });
    if (!looked && !state.chosen) lookAtEverything();
    redraw();
  }).observe(byId("map"));
  window.hotspots = { map: map, scene: scene, ready: true };
}

start();
