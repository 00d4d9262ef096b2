// Now, before and change; other months by the slider.

const VIEWS = ["now", "before", "change"];

function openView(view) {
  const theme = data.themes[state.theme];
  const before = theme.before;
  state.view = VIEWS.includes(view) && (before || view === "now") ? view : "now";
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
  byId("close-up").hidden = !listedShapes(theme).length;
  redraw();
  tellLink();
}

// One control for time: a choice of periods, or a slider where there are many; and the change.
const FEW_PERIODS = 4;

function timeChoices(theme) {
  const before = theme.before;
  const choices = [];
  if (theme.monthly && data.months.length <= FEW_PERIODS) {
    data.ticks.forEach((tick, k) => choices.push([timeValue(theme, k), tick]));
  } else choices.push(["now", theme.monthly ? "One period" : theme.short || "Now"]);
  if (before && before.month === null) choices.unshift(["before", before.short]);
  if (before) choices.push(["change", "Change"]);
  return choices;
}

function timeValue(theme, k) {
  if (k === data.month) return "now";
  return theme.before && theme.before.month === k ? "before" : "month-" + k;
}

function chosenTime(theme, choices) {
  const value = state.view === "other" ? "month-" + state.month : state.view;
  return choices.some(([known]) => known === value) ? value : "now";
}

function showViews() {
  const theme = data.themes[state.theme];
  const choices = timeChoices(theme);
  const chosen = chosenTime(theme, choices);
  const asked = document.activeElement && document.activeElement.name === "view";
  const choose = (value) => () => {
    if (value.startsWith("month-")) openMonth(Number(value.slice(6)));
    else openView(value);
    say(byId("legend-title").textContent);
  };
  byId("view-choices").hidden = choices.length < 2;
  byId("view-choices").replaceChildren(
    ...choices.map(([value, label]) => radio("view", value, label, value === chosen, choose(value))),
  );
  if (asked) document.querySelector('input[name="view"]:checked').focus();
  const then = state.view === "before" ? theme.before.label : state.view === "other" ? data.months[state.month] : "";
  byId("view-note").textContent = then ? "The map shows " + then + "; the table stays at " + theme.period + "." : "";
}

function openMonth(month) {
  const before = data.themes[state.theme].before;
  state.month = month;
  const isBefore = before && before.month === month;
  state.view = month === data.month ? "now" : isBefore ? "before" : "other";
  showView();
}

function startMonths() {
  const slider = byId("month");
  slider.max = String(data.months.length - 1);
  slider.value = String(state.month);
  slider.addEventListener("input", () => openMonth(Number(slider.value)));
}

function showMonth() {
  const theme = data.themes[state.theme];
  const monthly = theme.monthly && theme.monthly[state.by];
  const own = state.view === "before" && theme.before.month === null;
  byId("months").hidden = !monthly || data.months.length <= FEW_PERIODS || own || state.view === "change";
  byId("time").hidden = byId("view-choices").hidden && byId("months").hidden;
  if (byId("months").hidden) return;
  byId("month").value = String(state.month);
  byId("month").setAttribute("aria-valuetext", data.months[state.month]);
  byId("month-now").textContent = data.ticks[state.month];
}
