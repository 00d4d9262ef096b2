// One field finds places, wards, zones and streets: first what begins so, then what has such a word.

function findable() {
  const theme = data.themes[state.theme];
  const found = [];
  const cells = theme.cells;
  if (cells) {
    const order = cells.shape.map((_, i) => i).filter((i) => cells.count[i] !== null);
    order.sort((a, b) => (cells.rank[a] || 1e9) - (cells.rank[b] || 1e9));
    for (const i of order) found.push([textAt(cells.name, i), () => choose({ group: -1, item: i }, { move: true })]);
  }
  for (const layer of data.zones) {
    layer.shape.forEach((k, i) => found.push([textAt(layer.name, i), () => leaveFor(geometry.shapes[k])]));
  }
  for (const name of backdrop.names) found.push([name.text, () => leaveFor(pointBox(name.shape), 16)]);
  for (const mark of [...reach.away, ...reach.packs]) found.push([mark.name, () => leaveFor(mark.box, 16)]);
  const once = new Map();
  for (const [name, go] of found) if (name && !once.has(name)) once.set(name, go);
  return once;
}

// What was found is no listed place: the card of the one before would speak of somewhere else.
function leaveFor(box, zoom) {
  closeDetails();
  lookAt(box, zoom);
}

// A button of the table of premises shows where they are.
function startReach() {
  document.querySelectorAll("#reach .away").forEach((button, k) => {
    button.addEventListener("click", () => {
      leaveFor(reach.away[k].box, 16);
      say("Map moved to " + reach.away[k].name);
    });
  });
}

function closeness(name, wanted) {
  const text = name.toLowerCase();
  if (text === wanted) return 0;
  if (text.startsWith(wanted)) return 1;
  if (text.includes(" " + wanted)) return 2;
  return text.includes(wanted) ? 3 : 4;
}

function startSearch() {
  const field = byId("find");
  const go = () => {
    const wanted = field.value.trim().toLowerCase();
    if (!wanted) return;
    const names = findable();
    const best = [...names.keys()]
      .map((name) => [closeness(name, wanted), name])
      .filter(([far]) => far < 4)
      .sort((a, b) => a[0] - b[0])[0];
    byId("search-answer").textContent = best ? "" : "Nothing of that name";
    if (!best) return;
    names.get(best[1])();
    say("Map moved to " + best[1]);
  };
  field.addEventListener("focus", () =>
    byId("found").replaceChildren(...[...findable().keys()].map((name) => element("option", { value: name }))),
  );
  field.addEventListener("change", go);
  field.addEventListener("keydown", (event) => event.key === "Enter" && go());
}
