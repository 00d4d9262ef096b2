// Print and save: sheets of paper, and the table as CSV.

// One size for all sheets, whatever stands on them: Firefox takes the size of a named page for its first sheets only.
const sheets = new CSSStyleSheet();
document.adoptedStyleSheets = [sheets];

function setPaper(paper) {
  document.documentElement.dataset.paper = paper;
  sheets.replaceSync(paper === "a3" ? "@page { size: A3 landscape; margin: 11.3mm; }" : "");
}

function startPrint() {
  const print = (paper, one) => {
    setPaper(paper);
    document.documentElement.classList.toggle("one-place", Boolean(one));
    drawForPaper();
    // Two frames: what was just drawn is on the screen before the dialog stops the page.
    requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
  };
  // Whoever prints from the menu of the browser, at once after a change, gets what is chosen now.
  addEventListener("beforeprint", drawForPaper);
  addEventListener("afterprint", () => document.documentElement.classList.remove("one-place"));
  byId("whole").addEventListener("click", () => {
    lookAtEverything();
    say("Map moved to the whole area");
  });
  byId("close-up").addEventListener("click", () => {
    lookAtPlaces();
    say("Map moved to the numbered places");
  });
  byId("print-a4").addEventListener("click", () => print("a4"));
  byId("print-a3").addEventListener("click", () => print("a3"));
  byId("print-place").addEventListener("click", () => print("a4", true));
}

// The pictures for paper are kept ready: what a browser paints during printing may be misplaced.
// A3 is A4 made larger, so one picture serves both. They change with the view, not with the map.
let onPaper = "";

function drawForPaper() {
  const drawn = JSON.stringify([state.theme, state.view, state.by, state.month, state.hidden, state.chosen, decided]);
  if (drawn !== onPaper) {
    onPaper = drawn;
    const theme = data.themes[state.theme];
    const whole = land.length ? land : theme.cells ? theme.cells.shape.map((k) => geometry.shapes[k]) : [];
    const places = listedShapes(theme);
    const near = places.length ? places : whole;
    if (near.length) {
      const canvas = byId("paper-places");
      setHeight(canvas, PLACES_HIGH);
      legendForPaper(theme, boxOf(partOf(canvas, joinBoxes(near), 0.06, FINEST)));
      const [legend] = heightsOnPaper([document.querySelector(".paper-legend").cloneNode(true)]);
      setHeight(canvas, PLACES_HIGH - Math.max(0, legend - LEGEND_HIGH));
      const scale = drawPaper(canvas, joinBoxes(near), 0.06, FINEST);
      byId("paper-scale").textContent = "about 1:" + number.format(scale);
      drawPaper(byId("paper-whole"), joinBoxes(whole.length ? whole : near), 0.03, 0, true);
    }
    if (!near.length) legendForPaper(theme, seenBox());
    cardsForPaper(theme);
  }
  tell("sheet", "drawn");
}

// A card for each listed place; the one that is chosen can be printed alone.
function cardsForPaper(theme) {
  const listed = state.view === "change" ? [] : theme.top.filter((place) => place.rank);
  if (state.chosen && !listedOf(state.chosen)) listed.push(state.chosen);
  const cards = listed.map((place) => paperCard(place, theme));
  heightsOnPaper(cards).forEach((high, k) => {
    const room = Math.floor(MAP_HIGH - Math.max(0, high - CARD_HIGH));
    setHeight(cards[k].querySelector("canvas"), Math.max(MAP_LOW, room));
  });
  const pairs = cards.flatMap((card, k) => (k % 2 ? [] : element("div", { className: "pair" }, ...cards.slice(k, k + 2))));
  byId("paper-cards").replaceChildren(...pairs);
  byId("paper-cards").querySelectorAll("canvas").forEach((canvas, k) => drawLocator(canvas, listed[k]));
}

function paperCard(place, theme) {
  const columns = columnsOf(place);
  const listed = listedOf(place);
  const canvas = element("canvas", {});
  canvas.dataset.width = 132;
  setHeight(canvas, MAP_HIGH);
  const made = element(
    "article",
    { className: samePlace(place, state.chosen) ? "paper-card the-one" : "paper-card" },
    element("h3", {}, element("span", { className: "pin" }, listed ? listed.rank : ""), " ", element("bdi", {}, placeName(place))),
    element("p", { className: "ward" }, [textAt(columns.ward, place.item), incidents(theme, columns.count[place.item]), theme.label, theme.period].filter(Boolean).join(" · ")),
    element("p", { className: "evidence" }, sureness(columns, place.item, listed)),
    element("ul", { className: "decisions" }, ...decidedAt(place).map((row) => decisionItem(row, false))),
    canvas,
    element("div", { className: "charts" }, ...chartsOf(place, listed, theme)),
    element("dl", {}, ...factRows([...briefAbout(place, theme), ...factsAbout(place, theme)].filter(([term]) => !OFF_PAPER.includes(term)))),
  );
  return made;
}

// What is written decides how high it is, and leaves more room or less for the map beside it.
function heightsOnPaper(made) {
  const room = element("div", { className: "measured" }, ...made);
  document.body.append(room);
  const heights = made.map((one) => one.getBoundingClientRect().height / MILLIMETRE);
  room.remove();
  return heights;
}

function setHeight(canvas, height) {
  canvas.dataset.height = height;
  canvas.style.height = "calc(var(--u) * " + height + ")";
}

// Millimetres of A4: the map of the places and the legend below it, a card and the map on it.
const PLACES_HIGH = 131;
const LEGEND_HIGH = 35;
const CARD_HIGH = 182;
const MAP_HIGH = 84;
const MAP_LOW = 24;
const MILLIMETRE = 96 / 25.4;
const PAPER_RATIO = 3.2;
const FINEST = 15000;
const OFF_PAPER = ["On the list", "Not given", "Size", "Reference", "Disclosure", "Busiest map point", "Ward"];

// Draws a part of the world onto a canvas of so many millimetres; returns the scale it has there.
function drawPaper(canvas, box, margin, finest, plain) {
  const part = partOf(canvas, box, margin, finest);
  paintPart(canvas, box, part.scale, part.width, part.height, PAPER_RATIO, plain, null);
  return Number((metresAround(part.y) / part.scale / (0.0254 / 96)).toPrecision(2));
}

// The part of the world that a canvas shows so that the box is in it, and no nearer than the finest scale.
function partOf(canvas, box, margin, finest) {
  const width = Number(canvas.dataset.width) * MILLIMETRE;
  const height = Number(canvas.dataset.height) * MILLIMETRE;
  const wide = (box.east - box.west) * (1 + 2 * margin);
  const high = (box.south - box.north) * (1 + 2 * margin);
  const x = (box.west + box.east) / 2;
  const y = (box.north + box.south) / 2;
  const most = finest ? metresAround(y) / (finest * (0.0254 / 96)) : Infinity;
  return { x: x, y: y, width: width, height: height, scale: Math.min(width / wide, height / high, most) };
}

function boxOf(part) {
  const wide = part.width / part.scale / 2;
  const high = part.height / part.scale / 2;
  return { west: part.x - wide, east: part.x + wide, north: part.y - high, south: part.y + high };
}

function metresAround(y) {
  return 40075016.686 * Math.cos((latitudeOf(y) * Math.PI) / 180);
}

function paintPart(canvas, box, scale, width, height, ratio, plain, chosen) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const view = {
    scale: scale,
    left: ((box.west + box.east) / 2) * scale - width / 2,
    top: ((box.north + box.south) / 2) * scale - height / 2,
    width: width,
    height: height,
    ratio: ratio,
    unit: 0.92,
    paper: true,
    inner: { west: 0, east: width, north: 0, south: height },
  };
  const bare = plain ? { names: [], pins: [], outlines: [], flags: [], cores: [], packs: [], away: [] } : {};
  const context = canvas.getContext("2d");
  paint(context, view, Object.assign(scene(), { selected: chosen }, bare));
  if (plain) frame(context, view, joinBoxes(listedShapes(data.themes[state.theme])));
  else paintScaleAndNorth(context, view);
}

// Where the places lie in the whole.
function frame(context, view, box) {
  if (!(box.east > box.west)) return;
  const x = box.west * view.scale - view.left - 3;
  const y = box.north * view.scale - view.top - 3;
  context.strokeStyle = look.ink;
  context.lineWidth = 1.6;
  context.strokeRect(x, y, (box.east - box.west) * view.scale + 6, (box.south - box.north) * view.scale + 6);
}

// A place and what lies around it: for the card on paper, and on a narrow screen.
function drawLocator(canvas, place, size) {
  const [width, height] = size || [canvas.dataset.width * MILLIMETRE, canvas.dataset.height * MILLIMETRE];
  const shape = shapeOf(place);
  const scale = Math.min(height / (shape.south - shape.north), width / (shape.east - shape.west)) / 1.9;
  paintPart(canvas, shape, scale, width, height, size ? devicePixelRatio || 1 : PAPER_RATIO, false, shape);
}

function locator(place) {
  const canvas = element("canvas", { className: "locator" });
  canvas.setAttribute("aria-hidden", "true");
  if (narrow.matches) drawLocator(canvas, place, [innerWidth - 60, 170]);
  return canvas;
}

function startSave() {
  byId("save").addEventListener("click", () => {
    const name = savedName();
    // Without the mark in front Excel takes UTF-8 for the code page of the machine.
    saveAs("\ufeff" + tableAsCsv(), "text/csv", name);
    say("The table was saved as " + name);
  });
}

function savedName() {
  const theme = data.themes[state.theme];
  const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  return ["places", plain(theme.label), plain(theme.short)].filter(Boolean).join("-") + ".csv";
}

function tableAsCsv() {
  const theme = data.themes[state.theme];
  const lines = [["marking", "theme", "period", "rank", "name", "ward", "incidents", "harm"]];
  theme.top.forEach((place) => {
    const columns = columnsOf(place);
    const harm = theme.weighed ? harmField(theme, columns, place.item) : "";
    const known = [data.marking, theme.label, theme.period, place.rank, placeName(place), textAt(columns.ward, place.item)];
    lines.push([...known, columns.count[place.item], harm]);
  });
  return lines.map((line) => line.map(csvField).join(",")).join("\r\n") + "\r\n";
}

// A band is two numbers: its middle is nobody's harm.
function harmField(theme, columns, i) {
  return isBanded(theme, columns, i) ? harmWords(theme, columns, i) : columns.harm[i];
}

function csvField(value) {
  return quoted(typeof value === "number" ? String(value) : guarded(value || ""));
}
