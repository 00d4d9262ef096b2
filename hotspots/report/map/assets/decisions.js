// What was decided at places: typed in the card, listed in the panel, kept in the page itself.
// A decision is a row of nine texts. Typed text only ever becomes text content.

const FIELDS = ["theme", "area_id", "place", "owner", "action", "due", "review", "done", "note"];
const TYPED = FIELDS.slice(3);
const AT = Object.fromEntries(FIELDS.map((name, k) => [name, k]));
let decided = data.decisions ? readData("decisions") : [];
let editing = null;
let unsaved = false;

function startDecisions() {
  if (!data.decisions) return;
  byId("save-page").addEventListener("click", savePage);
  byId("save-decisions").addEventListener("click", saveDecisions);
  TYPED.forEach((name) => {
    const field = byId("decide-" + name);
    field.maxLength = data.decisions.longest;
    field.addEventListener("input", () => type(name, field.value));
  });
  byId("decide-close").addEventListener("click", () => edit(null));
  byId("decide-remove").addEventListener("click", () => {
    decided = decided.filter((row) => row !== editing);
    changed();
    edit(null);
  });
  addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
  document.body.classList.add("deciding");
}

// The card of a place: what was decided there, and one more action.
function showDecisions(place) {
  if (!data.decisions) return;
  editing = null;
  forgetEmpty();
  listAtPlace(place);
}

function decidedAt(place) {
  if (!data.decisions) return [];
  const at = whereOf(place);
  return decided.filter((row) => says(row) && row[AT.theme] === at[0] && row[AT.area_id] === at[1]);
}

function listAtPlace(place) {
  const at = whereOf(place);
  const mine = decidedAt(place);
  byId("decide-list").replaceChildren(
    ...mine.map((row) => {
      const change = element("button", { type: "button", className: "change" }, "Change");
      change.addEventListener("click", () => edit(row));
      const item = decisionItem(row, false);
      item.append(change);
      return item;
    }),
  );
  byId("none-here").hidden = mine.length > 0;
  const add = byId("decide-add");
  add.hidden = Boolean(editing && !says(editing)) || decided.length >= data.decisions.most;
  add.onclick = () => {
    const row = [...at, "", "", "", "", "", ""];
    decided.push(row);
    edit(row);
  };
  byId("decide-form").hidden = !editing;
}

function whereOf(place) {
  const name = data.decisions.themes[state.theme];
  return [name, idOf(columnsOf(place), place.item), placeName(place)];
}

function edit(row) {
  editing = row;
  if (!row) forgetEmpty();
  listAtPlace(state.chosen);
  if (!row) {
    byId("decide-add").focus();
    return;
  }
  chooseKinds(row[AT.action]);
  TYPED.forEach((name) => {
    const field = byId("decide-" + name);
    const days = ["due", "review", "done"].includes(name);
    if (days) field.type = /^(\d{4}-\d\d-\d\d)?$/.test(row[AT[name]]) ? "date" : "text";
    field.value = row[AT[name]];
  });
  warn(row);
  byId("decide-action").focus();
}

// The kinds of action, and a word that somebody typed into the file instead of one.
function chooseKinds(now) {
  const known = [["", ""], ...data.decisions.kinds];
  if (!known.some(([kind]) => kind === now)) known.push([now, now]);
  byId("decide-action").replaceChildren(
    ...known.map(([kind, words]) => element("option", { value: kind }, words)),
  );
}

function type(name, text) {
  if (!editing) return;
  editing[AT[name]] = text;
  warn(editing);
  changed();
}

function changed() {
  unsaved = true;
  byId("unsaved").hidden = false;
  fillDecided(document);
  if (state.chosen) listAtPlace(state.chosen);
  paperLater();
}

function forgetEmpty() {
  decided = decided.filter((row) => row === editing || says(row));
}

function says(row) {
  return row.slice(AT.owner).some((text) => text.trim());
}

function warn(row) {
  const found = looksPersonal(row);
  byId("decide-warning").textContent = found.length
    ? "This looks like " + found.join(" and ") + ". Leave it out: name places, teams and posts."
    : "";
}

function looksPersonal(row) {
  const texts = TYPED.map((name) => row[AT[name]]);
  return data.decisions.personal
    .filter(([pattern]) => texts.some((text) => new RegExp(pattern, "u").test(text)))
    .map(([, words]) => words);
}

// The list in the panel, and a line beside each place: in this page, or in the one to be saved.
function fillDecided(root) {
  const names = data.decisions.themes;
  [...names, null].forEach((name, t) => {
    const mine = decided.filter(says).filter((row) => (name === null ? !names.includes(row[AT.theme]) : row[AT.theme] === name));
    const group = root.getElementById("decided-" + t);
    group.hidden = !mine.length;
    group.querySelector("ul").replaceChildren(...mine.map((row) => decisionItem(row, true)));
  });
  data.themes.forEach((theme, t) =>
    theme.top.forEach((place, p) => {
      const columns = place.group < 0 ? theme.cells : theme.outlines[place.group];
      const id = idOf(columns, place.item);
      const mine = decided.filter((row) => says(row) && row[AT.theme] === names[t] && row[AT.area_id] === id);
      const lines = mine.map((row) => element("span", { className: "todo" }, element("bdi", {}, oneLine(row))));
      root.getElementById("todo-" + t + "-" + p).replaceChildren(...lines);
    }),
  );
  root.getElementById("only-enforced").textContent = onlyEnforced();
  root.getElementById("none-decided").hidden = decided.some(says);
}

function decisionItem(row, named) {
  const title = [named ? row[AT.place] || "Unnamed place" : "", kindWords(row)].filter(Boolean);
  const head = element("b", {}, element("bdi", {}, title.join(": ")));
  const facts = factsOf(row).map(([term, text]) => element("span", {}, term + ": ", element("bdi", {}, text)));
  const looks = looksPersonal(row);
  const item = element("li", {}, head, ...facts);
  if (row[AT.note]) item.append(element("p", {}, element("bdi", {}, row[AT.note])));
  if (looks.length) item.append(element("p", { className: "looks" }, "Looks like " + looks.join(" and ") + "."));
  return item;
}

function kindWords(row) {
  const known = data.decisions.kinds.find(([kind]) => kind === row[AT.action]);
  return known ? known[1] : row[AT.action] || "No kind of action";
}

function factsOf(row) {
  return ["owner", "due", "review", "done"]
    .map((name) => [data.decisions.headings[name], dayWords(row[AT[name]])])
    .filter(([, text]) => text);
}

function oneLine(row) {
  const ends = ["done", "due"].filter((name) => row[AT[name]]).map((name) => name + " " + dayWords(row[AT[name]]));
  return [kindWords(row), row[AT.owner] || row[AT.note], ends[0]].filter(Boolean).join(", ");
}

function dayWords(text) {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(text + "T00:00Z") : NaN;
  if (isNaN(day)) return text;
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

function onlyEnforced() {
  const places = new Map();
  decided.forEach((row) => {
    if (!row[AT.action]) return;
    const key = row[AT.theme] + "\n" + row[AT.area_id];
    places.set(key, (places.get(key) || new Set()).add(row[AT.action]));
  });
  const only = [...places.values()].filter((kinds) => kinds.size === 1 && kinds.has("enforce")).length;
  if (!places.size) return "";
  return "Places with an action: " + places.size + "; with only enforcement: " + only + ".";
}

// Saving: a new file each time; nothing is sent.

function savePage() {
  // From the page as written, not as it stands: menus, pins and cards that are open now stay out of
  // the file.
  const copy = new DOMParser().parseFromString("<!DOCTYPE html>" + asWritten, "text/html");
  const inert = (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0");
  copy.getElementById("decisions").textContent = JSON.stringify(decided.filter(says)).replace(/[<>&{}\u2028\u2029]/g, inert);
  fillDecided(copy);
  const stem = decodeURIComponent(location.pathname.split("/").pop() || "map").replace(/\.html?$/, "");
  offer("<!DOCTYPE html>\n" + copy.documentElement.outerHTML + "\n", "text/html", stem + "-with-decisions.html");
}

function saveDecisions() {
  const lines = [FIELDS, ...decided.filter(says)].map((row) => row.map((text) => quoted(guarded(text))).join(","));
  offer("\ufeff" + lines.join("\r\n") + "\r\n", "text/csv", "decisions.csv");
}

function offer(text, kind, name) {
  saveAs(text, kind, name);
  unsaved = false;
  byId("unsaved").hidden = true;
  say("Saved as " + name);
}

function saveAs(text, kind, name) {
  const link = element("a", { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.click();
  // Not at once: the browser may not have begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A spreadsheet would run a text that begins like a formula; reading takes the apostrophe away.
function guarded(text) {
  const bare = text.replace(/^'+/, "");
  const first = [...bare].find((letter) => !/[\s\p{Cc}\p{Cf}]/u.test(letter)) || "";
  const runs = first && "=+-@".includes(first.normalize("NFKC"));
  return runs || /^ *[\t\r\n]/.test(bare) ? "'" + text : text;
}

function quoted(text) {
  return '"' + text.replaceAll('"', '""') + '"';
}
