// Details, pointer, search, print, save, and the start. Text from the data only ever becomes text
// content.

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
  say((rank >= 0 ? "Rank " + theme.top[rank].rank + ": " : "") + placeName(place) + ". Details are beside the map.");
}

function placeName(place) {
  const columns = columnsOf(place);
  return textAt(columns.name, place.item) || "Unnamed place";
}

function showDetails(place, rank) {
  const columns = columnsOf(place);
  const theme = data.themes[state.theme];
  const i = place.item;
  byId("details-rank").textContent = rank >= 0 ? "Rank " + theme.top[rank].rank : place.group < 0 ? data.unit : columns.one;
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

// Ranks that several share are written "3=", in the list as in the details and on the pins.
function rankWords(columns, i) {
  const rank = columns.rank[i];
  if (rank === null) return "not ranked";
  const between = range(columns.rankLow[i], columns.rankHigh[i]);
  const shared = columns.rank.indexOf(rank) !== columns.rank.lastIndexOf(rank);
  return number.format(rank) + (shared ? "=" : "") + (between ? " (between " + between.replace("to", "and") + ")" : "");
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
  const values = monthly.map((month) => month[place.item]);
  const most = Math.max(1, ...values);
  byId("details-bars").replaceChildren(
    ...values.map((value, k) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = Math.round((value / most) * 100) + "%";
      const label = element("span", { className: "month" }, data.ticks[k]);
      return element("li", {}, label, element("span", { className: "track" }, bar), element("b", {}, figure(value)));
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
  const lines = [["marking", "theme", "period", "rank", "name", "ward", "incidents", "harm", "owner", "action", "review"]];
  theme.top.forEach((place, rank) => {
    const columns = columnsOf(place);
    const written = ["owner", "action", "review"].map((field) => {
      const input = byId(field + "-" + state.theme + "-" + rank);
      return input ? input.value : "";
    });
    const harm = theme.weighed ? columns.harm[place.item] : "";
    const known = [data.marking, theme.label, theme.period, place.rank, placeName(place), textAt(columns.ward, place.item)];
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
    fitLegend();
    fitTicks();
    redraw();
  }).observe(byId("map"));
  window.hotspots = { map: map, scene: scene, ready: true };
}

start();
