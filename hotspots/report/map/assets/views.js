// Now, before and change; other months by the slider.

const VIEWS = { now: "Now", before: "Before", change: "Change" };

function openView(view) {
  const theme = data.themes[state.theme];
  const before = theme.before;
  state.view = view in VIEWS && (before || view === "now") ? view : "now";
  state.month = state.view === "before" && before.month !== null ? before.month : data.month;
  showView();
}

function showView() {
  const theme = data.themes[state.theme];
  const choices = shadesNow(theme);
  if (!choices.includes(state.by)) state.by = "count";
  document.body.dataset.view = state.view;
  showViews();
  showShades();
  showLegend();
  showMonth();
  byId("close-up").hidden = !pins(theme).length;
  redraw();
}

function showViews() {
  const theme = data.themes[state.theme];
  byId("views").hidden = !theme.before;
  const asked = document.activeElement && document.activeElement.name === "view";
  const choose = (view) => () => {
    openView(view);
    say(VIEWS[view] + ": " + byId("legend-title").textContent);
  };
  byId("view-choices").replaceChildren(
    ...Object.keys(VIEWS).map((view) => radio("view", view, VIEWS[view], view === state.view, choose(view))),
  );
  if (asked) document.querySelector('input[name="view"]:checked').focus();
  const stays = theme.before && state.view === "before";
  byId("view-note").textContent = stays ? "The map shows " + theme.before.label + "; the table stays at now." : "";
}

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
    const before = data.themes[state.theme].before;
    state.month = Number(slider.value);
    const isBefore = before && before.month === state.month;
    state.view = state.month === data.month ? "now" : isBefore ? "before" : "other";
    showView();
  });
}

// Two periods need no slider: they are "now" and "before".
function showMonth() {
  const theme = data.themes[state.theme];
  const monthly = theme.monthly && theme.monthly[state.by];
  const enough = data.months.length > (theme.before && theme.before.month !== null ? 2 : 1);
  const own = state.view === "before" && theme.before.month === null;
  byId("months").hidden = !monthly || !enough || own || state.view === "change";
  if (byId("months").hidden) return;
  const label = data.months[state.month];
  byId("month").value = String(state.month);
  byId("month").setAttribute("aria-valuetext", label);
  const stays = state.view === "other" ? " (the table stays at " + data.ticks[data.month] + ")" : "";
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
