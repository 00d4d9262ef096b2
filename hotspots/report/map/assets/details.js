// Details of a place, and the pointer on the map. Text from the data only ever becomes text content.

function choose(place, options) {
  const theme = data.themes[state.theme];
  const listed = theme.top.find((other) => samePlace(other, place));
  state.chosen = place;
  markRows(place);
  showDetails(place, listed);
  if (options && options.move) lookAtShape(shapeOf(place));
  redraw();
  say((listed ? "Rank " + listed.rank + ": " : "") + placeName(place) + ". Details are beside the map.");
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

function showDetails(place, listed) {
  const columns = columnsOf(place);
  const theme = data.themes[state.theme];
  const i = place.item;
  byId("details-rank").textContent = listed ? "Rank " + listed.rank : place.group < 0 ? data.unit : columns.one;
  byId("details-name").textContent = placeName(place);
  byId("details-ward").textContent = textAt(columns.ward, i);
  byId("details-count").textContent = countWords(theme, columns.count[i]);
  byId("details-harm").textContent = harmWords(theme, columns, i);
  byId("details-harm").classList.toggle("words", columns.harm[i] === null);
  const facts = [
    ["Rank", rankWords(columns, i)],
    ["Change", place.group < 0 ? changeFact(theme, i) : ""],
    ["Range of harm", isBanded(theme, columns, i) ? "" : range(columns.low[i], columns.high[i])],
    ["Largest event", theme.weighed ? share(columns.event[i], " of the harm") : ""],
    ["Busiest map point", share(columns.point[i], " of the incidents")],
    ["Evidence", evidence(theme, columns.hot[i])],
    ["Size", columns.km2[i] === null ? "" : number.format(columns.km2[i] * 100) + " hectares"],
    ...zonesOf(columns, i),
    ["Reference", idOf(columns, i)],
    ["Disclosure", textAt(columns.disclosure, i)],
  ].filter((fact) => fact[1]);
  byId("details-facts").replaceChildren(
    ...facts.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, element("bdi", {}, text)))),
  );
  showHistory(place, theme);
  showDecisions(place);
  byId("details").hidden = false;
}

function evidence(theme, hot) {
  if (hot === null) return "";
  return (hot ? "More than chance, " : "Could be chance, ") + theme.flagged;
}

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
  const counts = then === null || theme.cells.count[i] === null ? "" : figure(then) + " then, " + figure(theme.cells.count[i]) + " now: ";
  return before.label + ": " + counts + worth;
}

function lowered(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
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
  return number.format(rank) + (shared ? "=" : "") + (between ? " (plausibly " + between + ")" : "");
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
  // The period of the list is shown as the list shows it, also where its month is withheld.
  if (data.month < data.months.length) values[data.month] = theme.cells.count[place.item];
  const most = Math.max(1, ...values);
  byId("details-bars").replaceChildren(
    ...values.map((value, k) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = Math.round((value / most) * 100) + "%";
      const label = element("span", { className: "month" }, data.ticks[k]);
      return element("li", {}, label, element("span", { className: "track" }, bar), element("b", {}, countWords(theme, value)));
    }),
  );
}

function closeDetails() {
  const was = state.chosen;
  state.chosen = null;
  byId("details").hidden = true;
  markRows(null);
  if (was) redraw();
}

function startDetails() {
  const open = (id, place) => byId(id).addEventListener("click", () => choose(place, { move: true }));
  data.themes.forEach((theme, k) => {
    theme.top.forEach((place, rank) => open("go-" + k + "-" + rank, place));
    if (!theme.before) return;
    theme.before.rows.forEach((item, row) => open("then-" + k + "-" + row, { group: -1, item: item }));
  });
  byId("details-close").addEventListener("click", () => {
    const rows = rowsOf(state.chosen);
    closeDetails();
    (rows.find((button) => button.offsetParent) || byId("map")).focus();
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
  return [name, incidents(theme, columns.count[i]) + (theme.weighed ? ", harm " + harmWords(theme, columns, i) : "")];
}
