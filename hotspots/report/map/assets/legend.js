// Themes, shades, layers and legend. Text from the data only ever becomes text content.

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
    for (const part of ["went-", "said-", "late-"]) {
      const mine = byId(part + other);
      if (mine) mine.hidden = other !== k;
    }
  });
  if (focus) byId("tab-" + k).focus();
  showLayers();
  if (state.view === "other" && theme.monthly) showView();
  else openView(state.view);
  tellLink();
}

// The map stays where somebody looks, unless a place of the other theme would be out of sight.
function turnTo(k, focus) {
  openTheme(k, focus);
  const box = seenBox();
  const inside = (shape) => shape.west >= box.west && shape.east <= box.east && shape.north >= box.north && shape.south <= box.south;
  if (!listedShapes(data.themes[k]).every(inside)) lookAtPlaces();
}

function startTabs() {
  data.themes.forEach((_, k) => {
    const tab = byId("tab-" + k);
    tab.addEventListener("click", () => turnTo(k));
    tab.addEventListener("keydown", (event) => {
      const last = data.themes.length - 1;
      const to = { ArrowRight: k < last ? k + 1 : 0, ArrowLeft: k ? k - 1 : last, Home: 0, End: last };
      if (event.key in to) {
        event.preventDefault();
        turnTo(to[event.key], true);
      }
    });
  });
}

// Shades, layers, legend ------------------------------------------------------------------------

const SHADES = { count: "Incidents", harm: "Harm", hot: "Significance" };

function shadesNow(theme) {
  if (state.view === "change") return [];
  const known = (by) => theme.classes[by] && (state.view !== "before" || valuesBefore(theme, by));
  return Object.keys(SHADES).filter(known);
}

function showShades() {
  const choices = shadesNow(data.themes[state.theme]);
  byId("shades").hidden = choices.length < 2;
  byId("shade-choices").replaceChildren(
    ...choices.map((by) =>
      radio("shade", by, SHADES[by], by === state.by, () => {
        state.by = by;
        showLegend();
        showMonth();
        redraw();
      }),
    ),
  );
}

function radio(name, value, label, checked, choose) {
  const input = element("input", { type: "radio", name: name, value: value, checked: checked });
  input.addEventListener("change", choose);
  return element("label", {}, input, " " + label);
}

function showLayers() {
  const theme = data.themes[state.theme];
  const rows = [];
  if (theme.before || theme.top.some((place) => place.rank)) rows.push(["Places", "pins", "Numbered places"]);
  if (theme.cells) rows.push(["Places", "cells", "Shaded " + data.units]);
  if (theme.flags.length) rows.push(["Places", "flags", "More than chance"]);
  theme.outlines.forEach((group, k) => rows.push(["Places", "outline-" + k, group.label]));
  if (reach.packs.length) rows.push(["Places", "packs", reach.look.packs.label]);
  if (reach.away.length) rows.push(["Places", "away", reach.look.away.label]);
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

let shades = [];

// After a move only the lines can be others: the shades count all areas, wherever one looks.
function showLegend(moved) {
  const theme = data.themes[state.theme];
  if (moved !== true) shades = theme.cells && shown("cells") ? shadeRows(theme) : [];
  const rows = shades;
  const lines = lineRows(theme, seenBox());
  const rest = lines.length ? "On this map" : "No areas and no outlines were given: there is nothing to draw";
  const title = rows.length ? legendTitle(theme) : theme.state === "absent" ? theme.note : rest;
  for (const id of ["legend", "print-legend"]) {
    byId(id + "-title").textContent = title;
    byId(id + "-shades").replaceChildren(...rows.map((row) => row.cloneNode(true)));
  }
  byId("legend-lines").replaceChildren(...lines);
  fitScrolled();
}

// The sheet shows another part of the world than the screen, and its legend what is drawn there.
function legendForPaper(theme, box) {
  byId("print-legend-lines").replaceChildren(...lineRows(theme, box));
}

// Lines in sight by what they are: a heading, then each line of it. Kinds of one name stand together.
function lineRows(theme, box) {
  const inSight = (shape) => touches(shape, box);
  const kinds = new Map();
  const add = (heading, rows) => rows.length && kinds.set(heading, [...(kinds.get(heading) || []), ...rows]);
  if (shown("pins") && state.view === "change") add("Numbered places", pinRows(theme));
  add("More than chance", flagRows(theme, inSight));
  theme.outlines.forEach((group, k) => shown("outline-" + k) && add(group.label, outlineRows(group, inSight)));
  for (const kind of ["packs", "away"]) {
    const seen = reach[kind].some((mark) => inSight(mark.box));
    if (seen && shown(kind)) add("Packs", [markRow(reach.look[kind])]);
  }
  data.zones.forEach((layer, k) => shown("zone-" + k) && add(layer.tiling ? "Boundaries" : "Zones", zoneRows(layer, inSight)));
  return [...kinds].map(([heading, rows]) =>
    element("li", { className: "kind" }, element("b", {}, heading), element("ul", {}, ...rows)),
  );
}

function flagRows(theme, inSight) {
  const rows = [];
  if (flagged(theme, "cores").some(inSight)) rows.push(lineRow(look.flag, "by itself"));
  if (flagged(theme, "flags").some(inSight)) rows.push(lineRow(flagLine(theme), "with the " + data.units + " around"));
  return rows;
}

// How many outlines there are with one in sight: those beyond chance, or not asked about, and those that chance gives, too.
function outlineRows(group, inSight) {
  const labels = new Map([
    [look.cluster, ""],
    [look.chance, " that could be chance"],
  ]);
  return [...labels].map(([line, label]) => {
    const mine = group.shape.filter((k, i) => outlineOf(group, i) === line);
    return mine.some((k) => inSight(geometry.shapes[k])) ? lineRow(line, mine.length + label) : null;
  }).filter(Boolean);
}

// Lines of the zones that are in sight: in force, a priority, or not in force.
function zoneRows(layer, inSight) {
  const seen = layer.shape.map((k) => inSight(geometry.shapes[k]));
  const some = (test) => seen.some((one, i) => one && test(i));
  const rows = [];
  if (some((i) => layer.priority[i])) rows.push(lineRow(look.priority, "Priority ward"));
  if (some((i) => !layer.force[i])) rows.push(lineRow(layer.line, layer.label));
  for (const force of new Set(layer.force.filter((word, i) => word && seen[i]))) {
    rows.push(lineRow(pastLine(layer.line), layer.one + ", " + force));
  }
  return rows;
}

// Everything before the map has looked anywhere.
function seenBox() {
  if (!map._loaded) return { west: -Infinity, east: Infinity, north: -Infinity, south: Infinity };
  const seen = map.getBounds();
  return {
    west: worldX(seen.getWest()),
    east: worldX(seen.getEast()),
    north: worldY(seen.getNorth()),
    south: worldY(seen.getSouth()),
  };
}

function touches(shape, box) {
  return shape.east > box.west && shape.west < box.east && shape.south > box.north && shape.north < box.south;
}

// What is larger than its room scrolls, and can then be reached with the keyboard.
function fitScrolled() {
  for (const part of document.querySelectorAll(".legend, .wide")) {
    if (part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}

function legendTitle(theme) {
  const before = theme.before;
  if (state.view === "change") {
    const kind = before.rounded ? ", counts rounded to 5" : "";
    return "Change in incidents per " + data.unit + kind + ", since " + before.short;
  }
  const bands = state.by === "harm" && theme.disclosed ? ", in bands" : "";
  const tested = state.by === "hot" ? " (" + theme.flagged + ")" : "";
  const what = SHADES[state.by] + " per " + data.unit + bands + tested;
  const month = state.view === "other" ? data.months[state.month] : theme.period;
  const when = state.view === "before" ? before.label : state.by === "hot" ? theme.period : month;
  return what + (when ? ", " + when : "");
}

function shadeRows(theme) {
  const cells = shadedCells(theme);
  const held = cells.styles.map((_, k) => cells.classes.filter((found) => found === k).length);
  const unshaded = theme.size - held.reduce((sum, n) => sum + n, 0);
  if (state.view === "change") {
    const rows = theme.before.classes.map((label, k) => shadeRow(cells.styles[k], label, held[k]));
    if (!held[held.length - 1]) rows.pop();
    return unshaded ? [...rows, shadeRow({ fill: look.nothing }, "None at either time", unshaded)] : rows;
  }
  const shade = theme.classes[state.by];
  const labels = shade.missing ? [...shade.labels, missingLabel(theme, shade)] : shade.labels;
  const rows = labels.map((label, k) => shadeRow(cells.styles[k], label, held[k]));
  if (shade.missing && !held[labels.length - 1]) rows.pop();
  const withheld = rows.splice(shade.labels.length);
  rows.reverse().push(...withheld);
  if (theme.disclosed && !unshaded) return rows;
  return [...rows, shadeRow({ fill: look.nothing }, shade.nothing, unshaded)];
}

// What the pins of the change mean, as far as it is known who was on the list.
function pinRows(theme) {
  if (!theme.before.ranked) return [];
  const labels = ["On the list then and now", "Entered the list", "Left the list (rank then)"];
  const marks = ["stayed", "entered", "left"];
  return marks.map((mark, k) => pinRow(mark, labels[k], theme.before.held[k])).filter(Boolean);
}

function pinRow(mark, label, held) {
  if (!held) return null;
  const swatch = element("span", { className: "mark " + mark }, "1");
  swatch.setAttribute("aria-hidden", "true");
  return element("li", {}, swatch, element("span", {}, label), element("span", { className: "held" }, String(held)));
}

// Other months are also withheld beside a small one.
function missingLabel(theme, shade) {
  return theme.disclosed && state.view !== "now" ? "Withheld, or none" : shade.missing.label;
}

function shadeRow(style, label, held) {
  const words = element("span", { className: "unseen" }, " " + (held === 1 ? data.unit : data.units));
  const count = element("span", { className: "held" }, number.format(held), words);
  return element("li", {}, swatchOf(style), element("span", {}, label), count);
}

// Swatches are drawn as the map draws: same fill, same hatching, same dashes.
function swatchOf(style) {
  const picture = drawing("swatch", 24, 15);
  const box = { x: 0.5, y: 0.5, width: 23, height: 14, fill: style.fill, stroke: look.edge };
  picture.append(svg("rect", Object.assign(box, { "fill-opacity": opacity() })));
  if (style.dot) picture.append(svg("circle", { cx: 12, cy: 7.5, r: 2.4, fill: style.dot }));
  const slanted = "M1 7L7 1M1 14L14 1M8 14L21 1M15 14L23 6M22 14L23 13";
  if (style.hatch) picture.append(svg("path", { d: slanted, stroke: style.hatch, "stroke-width": 1.6 }));
  return picture;
}

function lineRow(line, label) {
  const picture = drawing("line", 24, 8);
  const width = Math.max(2, line.width);
  const dash = line.dash.join(" ");
  picture.append(svg("path", { d: "M0 4H24", stroke: line.color, "stroke-width": width, "stroke-dasharray": dash }));
  return element("li", {}, picture, element("span", {}, label));
}

function markRow(style) {
  const picture = drawing("swatch", 24, 15);
  const place = { transform: "translate(12 7.5) scale(" + style.radius + ")" };
  picture.append(svg("path", { d: style.path, fill: style.fill, ...place }));
  picture.append(svg("path", { d: style.inner, stroke: "#ffffff", "stroke-width": 0.4, ...place }));
  return element("li", {}, picture, element("span", {}, style.label));
}

function drawing(name, width, height) {
  return svg("svg", { class: name, viewBox: "0 0 " + width + " " + height, "aria-hidden": "true" });
}

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  return made;
}
