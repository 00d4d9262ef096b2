// Print and save: the sheet of paper, and the table as CSV.

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
  byId("close-up").addEventListener("click", () => {
    lookAtPlaces();
    say("Map moved to the numbered places");
  });
  byId("print-a4").addEventListener("click", () => print("a4"));
  byId("print-a3").addEventListener("click", () => print("a3"));
}

// The pictures for paper are kept ready: what a browser paints during printing may be misplaced.
// A3 is A4 made larger, so one picture serves both.
function drawForPaper() {
  fitNotes();
  const theme = data.themes[state.theme];
  const whole = land.length ? land : theme.cells ? theme.cells.shape.map((k) => geometry.shapes[k]) : [];
  const places = pins(theme).map((pin) => pin.shape);
  byId("paper").classList.toggle("lone", !places.length);
  if (whole.length) drawPaper(byId("paper-whole"), joinBoxes(whole), 0.03);
  if (places.length) drawPaper(byId("paper-places"), joinBoxes(places), 0.35);
  tell("sheet", "drawn");
}

let fitted = "";

// The notes are set as large as the sheet allows. Where even a small size does not fit, the second
// picture gives way and they take the whole width. The page takes the shape of the sheet for as
// long as it is measured, which is too short to be seen.
function fitNotes() {
  const words = state.theme + state.view;
  if (fitted === words) return;
  fitted = words;
  const root = document.documentElement;
  const panel = document.querySelector(".panel");
  const places = [panel.scrollTop, scrollX, scrollY];
  const paper = root.dataset.paper;
  root.dataset.paper = "a4";
  root.classList.add("measuring");
  sheetRules.media.mediaText = "all";
  const edge = byId("main").parentElement.getBoundingClientRect().top;
  const free = edge + 193 * MILLIMETRE - document.querySelector(".bottom .marking").offsetHeight;
  const fits = (selector) => document.querySelector(selector).getBoundingClientRect().bottom <= free;
  document.body.classList.remove("tight");
  fitSize("--making", [1.6, 2.4], () => fits(".paper-making"));
  if (!fitSize("--note", [LEGIBLE, 2.7], () => fits(".notes"))) {
    document.body.classList.add("tight");
    fitSize("--making", [1.6, 2], () => fits(".paper-making"));
    fitSize("--note", [1.6, 2.7], () => fits(".notes"));
  }
  sheetRules.media.mediaText = "print";
  root.classList.remove("measuring");
  root.dataset.paper = paper;
  panel.scrollTop = places[0];
  scrollTo(places[1], places[2]);
}

// The rules of the sheet: the only ones for print alone, and many.
const sheetRules = [...document.styleSheets]
  .flatMap((sheet) => [...sheet.cssRules])
  .reverse()
  .find((rule) => rule.media && rule.media.mediaText === "print" && rule.cssRules.length > 20);

// The largest size that fits; false where none does, and the smallest is taken.
function fitSize(name, [least, most], fits) {
  const set = (size) => document.documentElement.style.setProperty(name, size.toFixed(2));
  set(least);
  if (!fits()) return false;
  let [low, high] = [least, most];
  for (let k = 0; k < 5; k++) {
    const middle = (low + high) / 2;
    set(middle);
    if (fits()) low = middle;
    else high = middle;
  }
  set(low);
  return true;
}

const MILLIMETRE = 96 / 25.4;
const LEGIBLE = 1.9;
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
    inner: { west: 0, east: width, north: 0, south: height },
  };
  const context = canvas.getContext("2d");
  paint(context, view, Object.assign(scene(), { selected: null }));
  paintScaleAndNorth(context, view);
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

// A spreadsheet would run a field that begins like a formula.
function csvField(value) {
  const text = value === null ? "" : String(value);
  const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  return '"' + safe.replaceAll('"', '""') + '"';
}
