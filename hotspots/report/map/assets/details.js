// The card of a place, and the pointer on the map. Text from the data only ever becomes text content.

const narrow = matchMedia("(max-width: 1079px)");
// So many pixels of a card are in sight at once, and as much of the list above it as there is room.
const FIRST_OF_CARD = 220;

function choose(place, options) {
  const theme = data.themes[state.theme];
  const listed = listedOf(place);
  const row = (options && options.row) || rowsOf(place).find((button) => button.offsetParent);
  state.chosen = place;
  markRows(place);
  showDetails(place, listed, theme);
  putCard(row);
  if (options && options.move) lookAtShape(shapeOf(place));
  redraw();
  byId("details-title").focus({ preventScroll: true });
  say((listed && listed.rank ? "Rank " + listed.rank + ": " : "") + placeName(place));
  tellLink();
}

function listedOf(place) {
  return data.themes[state.theme].top.find((other) => samePlace(other, place));
}

// Beside the map the card stands under the list; on a narrow screen under its row, or under the map.
function putCard(row) {
  const card = byId("details");
  document.querySelectorAll("tr.card-row").forEach((old) => old.remove());
  if (!narrow.matches) {
    byId("theme-" + state.theme).append(card);
    const panel = document.querySelector(".panel");
    const shown = Math.min(card.offsetHeight, FIRST_OF_CARD) + 10;
    const beyond = card.getBoundingClientRect().top + shown - panel.getBoundingClientRect().bottom;
    if (beyond > 0) panel.scrollTop += beyond;
    const hidden = row ? coveredOf(panel) - row.closest("tr").getBoundingClientRect().top : 0;
    if (hidden > 0) panel.scrollTop -= hidden;
  } else if (row) {
    const seen = [...row.closest("tr").cells].filter((one) => one.offsetWidth);
    const cell = element("td", { colSpan: seen.length }, card);
    row.closest("tbody").append(element("tr", { className: "card-row" }, cell));
    row.closest("tr").scrollIntoView({ block: "start" });
  } else {
    document.querySelector(".stage").after(card);
  }
}

// Down to where the sentence covers the list: it stays in sight while a card is open.
function coveredOf(panel) {
  const finding = [...panel.querySelectorAll(".finding")].find((one) => one.offsetParent);
  return finding ? finding.getBoundingClientRect().bottom : 0;
}

// The rows of a place, in the list and in the table of the change.
function markRows(place) {
  document.querySelectorAll("tr.place, tr.then").forEach((row) => row.classList.remove("chosen"));
  document.querySelectorAll("button.go, button.back").forEach((button) => button.removeAttribute("aria-current"));
  rowsOf(place).forEach((button) => {
    button.setAttribute("aria-current", "true");
    button.closest("tr").classList.add("chosen");
  });
}

function rowsOf(place) {
  const theme = data.themes[state.theme];
  const buttons = theme.top.map((other, k) => samePlace(other, place) && byId("go-" + state.theme + "-" + k));
  const rows = theme.before ? theme.before.rows : [];
  const changed = (item, k) => samePlace({ group: -1, item: item }, place) && byId("then-" + state.theme + "-" + k);
  return buttons.concat(rows.map(changed)).filter(Boolean);
}

function placeName(place) {
  const columns = columnsOf(place);
  return textAt(columns.name, place.item) || "Unnamed place";
}

function showDetails(place, listed, theme) {
  const columns = columnsOf(place);
  const i = place.item;
  byId("details-rank").textContent = rankLine(place, listed, columns);
  byId("details-name").textContent = placeName(place);
  byId("details-ward").textContent = textAt(columns.ward, i);
  byId("details-count").textContent = countWords(theme, columns.count[i]);
  byId("details-of").textContent = columns.count[i] === 1 ? "incident" : "incidents";
  byId("details-weight").hidden = !theme.weighed;
  byId("details-harm").textContent = harmWords(theme, columns, i);
  byId("details-unit").textContent = columns.harm[i] === null ? "harm" : theme.unit || "harm";
  byId("details-evidence").textContent = sureness(columns, i, listed);
  const pictures = chartsOf(place, listed, theme);
  byId("details-charts").replaceChildren(...pictures.filter((one) => !one.classList.contains("wide")));
  byId("details-months").replaceChildren(...pictures.filter((one) => one.classList.contains("wide")));
  byId("details-here").replaceChildren(locator(place));
  byId("details-brief").replaceChildren(...factRows(briefAbout(place, theme)));
  byId("details-facts").replaceChildren(...factRows(factsAbout(place, theme)));
  showDecisions(place);
  byId("copied").textContent = "";
  byId("details").hidden = false;
}

function rankLine(place, listed, columns) {
  return listed && listed.rank ? "Rank " + listed.rank : place.group < 0 ? data.unit : columns.one;
}

function factRows(facts) {
  return facts.map(([term, text]) =>
    element("div", {}, element("dt", {}, term), element("dd", {}, element("bdi", {}, text))),
  );
}

// What must be in sight above the pictures: the change, and which orders hold here.
function briefAbout(place, theme) {
  const change = place.group < 0 ? changeFact(theme, place.item) : "";
  return [["Change", change], ...zonesOf(columnsOf(place), place.item, true)].filter((fact) => fact[1]);
}

// What a reader looks for on a card and does not find, said so that it is not taken for none.
function notGiven(listed) {
  const card = listed.card;
  const around = listed.near ? "who lives here" : "who lives and what stands here";
  return [card && card.week ? "" : "days and hours", card ? "" : "kinds of offence", around].filter(Boolean).join("; ");
}

function factsAbout(place, theme) {
  const columns = columnsOf(place);
  const listed = listedOf(place);
  const i = place.item;
  const moved = (listed && listed.moved) || "";
  return [
    ["Not given", listed && listed.rank ? notGiven(listed) : ""],
    ["Rank", rankWords(columns, i)],
    ["On the list", moved && theme.since ? moved + ", against " + theme.since : ""],
    ["This place alone", oddness(theme, columns.core[i], columns.count[i])],
    ["With its neighbours", oddness(theme, columns.hot[i], columns.count[i], theme.flagged)],
    ["Range of harm", isBanded(theme, columns, i) ? "" : range(columns.low[i], columns.high[i])],
    ["Largest event", theme.weighed ? share(columns.event[i], " of the harm") : ""],
    ["Busiest map point", share(columns.point[i], " of the incidents")],
    ...zonesOf(columns, i, false),
    ["Streets inside", streetsIn(shapeOf(place))],
    ...((listed && listed.near) || []),
    ["Rate", columns.rate ? columns.rate[i] : ""],
    ["Size", sizeOf(columns, i)],
    ["Reference", idOf(columns, i)],
    ["Disclosure", textAt(columns.disclosure, i)],
  ].filter((fact) => fact[1]);
}

// Of a street its length: how wide it is drawn says nothing.
function sizeOf(columns, i) {
  if (columns.length) return number.format(columns.length[i]) + " m of street";
  return columns.km2[i] === null ? "" : number.format(columns.km2[i] * 100) + " hectares";
}

// One incident, or none, is never called more than chance.
function oddness(theme, flag, count, tested) {
  if (flag === null || count === null) return "";
  if (flag > 1) return "not tested: no count of its own would pass";
  return (flag && count > 1 ? "more than chance" : "could be chance") + (tested ? ", " + tested : "");
}

// Whether it belongs on the list, in words.
function sureness(columns, i, listed) {
  const between = range(columns.rankLow[i], columns.rankHigh[i]);
  if (!listed || !listed.verdict) return "";
  if (!between) return capital(listed.verdict) + ".";
  const theme = data.themes[state.theme];
  const so = (listed.verdict === "likely" ? "in" : "perhaps not in") + " the first " + 2 * theme.top.length;
  return capital(listed.verdict) + ": rank " + between + " of " + theme.ranked + " allowing for chance, so " + so + ".";
}

// Street names of the backdrop that lie inside, each once, the most frequent of the data first.
function streetsIn(shape) {
  const inside = backdrop.names.filter((name) => contains(geometry, shape, name.shape.midX, name.shape.midY));
  inside.sort((one, other) => (one.order < other.order ? -1 : one.order > other.order ? 1 : 0));
  return [...new Set(inside.map((name) => name.text))].slice(0, MOST_STREETS).join(", ");
}

const MOST_STREETS = 8;

function figure(value) {
  return value === null ? "withheld" : number.format(Math.round(value));
}

// Rounded counts are never shown as if they were exact.
function countWords(theme, value) {
  return (theme.disclosed && value !== null ? "about " : "") + figure(value);
}

function incidents(theme, value) {
  return countWords(theme, value) + (value === 1 ? " incident" : " incidents");
}

// Where numbers are rounded, harm is known only as a band.
function isBanded(theme, columns, i) {
  return theme.disclosed && columns.harm[i] !== null;
}

function harmWords(theme, columns, i) {
  if (isBanded(theme, columns, i)) return range(columns.low[i], columns.high[i]);
  if (columns.harm[i] === null) return theme.weighed && theme.disclosed ? "withheld" : theme.noHarm;
  return figure(columns.harm[i]);
}

// Then and now, and what the difference is worth.
function changeFact(theme, i) {
  const before = theme.before;
  if (!before) return "";
  const then = valuesBefore(theme, "count")[i];
  const code = before.change[i];
  const worth = code < 0 ? "none at either time" : lowered(before.classes[code]);
  const counts = then === null || theme.cells.count[i] === null ? "" : countWords(theme, then) + " then, " + countWords(theme, theme.cells.count[i]) + " now: ";
  return before.short + ": " + counts + worth;
}

function lowered(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
  if (rank === null) return columns.rank.some((other) => other !== null) ? "not ranked" : "";
  const between = range(columns.rankLow[i], columns.rankHigh[i]);
  const shared = columns.rank.indexOf(rank) !== columns.rank.lastIndexOf(rank);
  return number.format(rank) + (shared ? "=" : "") + (between ? " (plausibly " + between + ")" : "");
}

// Zones it touches: those with dates say whether they hold, the others only that they are there.
function zonesOf(columns, i, dated) {
  const found = [];
  const links = columns.zones || { item: [] };
  for (let k = 0; k < links.item.length; k++) {
    if (links.item[k] !== i) continue;
    const layer = data.zones[links.layer[k]];
    const item = links.zone[k];
    if (Boolean(layer.dated[item]) !== dated) continue;
    const held = links.share[k];
    const part = held === null || held >= 0.995 ? "" : " (" + percent.format(held) + " of it)";
    const said = layer.kind === "ward" ? "" : textAt(layer.note, item);
    const name = textAt(layer.name, item) + part;
    found.push([layer.one, [name, said].filter(Boolean).join(dated ? ": " : "; ")]);
  }
  return found;
}

function idOf(columns, i) {
  const ids = columns.ids || data.ids;
  return ids.before + ids.ids[columns.ids ? i : columns.shape[i]] + ids.after;
}

function closeDetails() {
  const was = state.chosen;
  state.chosen = null;
  byId("details").hidden = true;
  document.querySelector(".panel").append(byId("details"));
  document.querySelectorAll("tr.card-row").forEach((row) => row.remove());
  markRows(null);
  if (was) redraw();
}

function startDetails() {
  const open = (id, place) =>
    byId(id).addEventListener("click", (event) => {
      // The list moves under the pointer: the second click of a double one would hit another row.
      if (event.detail < 2) choose(place, { move: true, row: event.currentTarget });
    });
  data.themes.forEach((theme, k) => {
    theme.top.forEach((place, rank) => {
      open("go-" + k + "-" + rank, place);
      const slot = byId("spark-" + k + "-" + rank);
      if (slot && place.card && place.card.months.length) slot.append(spark(place.card, theme.cardMonths));
    });
    if (!theme.before) return;
    theme.before.rows.forEach((item, row) => open("then-" + k + "-" + row, { group: -1, item: item }));
  });
  byId("details-close").addEventListener("click", () => {
    const rows = rowsOf(state.chosen);
    closeDetails();
    (rows.find((button) => button.offsetParent) || byId("map")).focus();
    tellLink();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || byId("details").hidden || document.querySelector("details.menu[open]")) return;
    byId("details-close").click();
  });
}

// The pointer on the map ------------------------------------------------------------------------

function placeAt(latlng) {
  const theme = data.themes[state.theme];
  const px = worldX(latlng.lng);
  const py = worldY(latlng.lat);
  const inside = (k) => contains(geometry, geometry.shapes[k], px, py);
  if (theme.cells && shown("cells")) {
    const values = state.view === "change" ? theme.before.change : valuesNow(theme);
    const nothing = state.view === "change" ? -1 : 0;
    const item = theme.cells.shape.findIndex((k, i) => values[i] !== nothing && inside(k));
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
    const [title, words] = tipWords(place);
    byId("tip-name").textContent = title;
    byId("tip-figures").textContent = words;
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

// What the pointer shows is what the map shows: of now, of then, or of the change.
function tipWords(place) {
  const theme = data.themes[state.theme];
  const columns = columnsOf(place);
  const i = place.item;
  const name = placeName(place);
  if (place.group < 0 && state.view === "change") return [name, changeFact(theme, i)];
  if (place.group < 0 && state.view !== "now") {
    const values = theme.monthly && state.view === "other" ? theme.monthly.count[state.month] : valuesBefore(theme, "count");
    const when = state.view === "other" ? data.months[state.month] : theme.before.label;
    return [name, incidents(theme, values[i]) + " in " + when];
  }
  if (columns.count[i] === null) return ["Fewer than 5 incidents, or none", ""];
  const weight = theme.weighed ? ", harm " + harmWords(theme, columns, i) + (theme.unit ? " " + theme.unit : "") : "";
  return [name, incidents(theme, columns.count[i]) + weight];
}
