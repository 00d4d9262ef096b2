// Small pictures of one place: each month with what to expect, its week, its offences.

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function bar(x, y, width, height, fill) {
  return svg("rect", { x: x.toFixed(1), y: y.toFixed(1), width: width.toFixed(1), height: height.toFixed(1), fill: fill });
}

function chart(width, height, label) {
  return svg("svg", { viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": label, class: "chart" });
}

function written(x, y, text, anchor) {
  const made = svg("text", { x: x, y: y, "text-anchor": anchor || "start", "font-size": 10.5, fill: look.name });
  made.textContent = text;
  return made;
}

// One bar a month, those of the period dark; a month the data do not cover has none.
function monthBars(card, months, width, height, top) {
  const step = width / card.months.length;
  return card.months.map((value, k) => {
    if (!value) return bar(k * step, top + height - (value === null ? 0 : 0.8), step * 0.78, 0.8, look.past);
    const high = (value / mostOf(card)) * height;
    return bar(k * step, top + height - high, step * 0.78, high, months.now[k] ? look.bar : look.past);
  });
}

function mostOf(card) {
  return Math.max(1, ...card.months, ...card.high);
}

function spark(card, months) {
  const counts = months.ticks.map((tick, k) => tick + " " + figure(card.months[k]));
  const made = svg("svg", { viewBox: "0 0 120 26", class: "sparkline", role: "img", preserveAspectRatio: "none" });
  made.setAttribute("aria-label", "Each month: " + counts[0] + " to " + counts[counts.length - 1]);
  made.append(...monthBars({ months: card.months, high: [] }, months, 120, 26, 0));
  return made;
}

function monthChart(card, months) {
  const made = chart(440, 74, "Incidents each month, with what is to be expected");
  const step = 440 / card.months.length;
  const at = (value) => 6 + 52 - (value / mostOf(card)) * 52;
  card.months.forEach((value, k) => {
    if (value !== null && card.high[k] !== null) {
      made.append(bar(k * step - step * 0.11, at(card.high[k]), step, at(card.low[k]) - at(card.high[k]), look.expected));
    }
  });
  const last = months.ticks.length - 1;
  made.append(
    ...monthBars(card, months, 440, 52, 6),
    written(0, 71, months.ticks[0]),
    written(440, 71, months.ticks[last], "end"),
    written(220, 71, "most in a month: " + figure(Math.max(0, ...card.months)), "middle"),
  );
  return made;
}

// Days down, hours across; the darkest square is the busiest.
function weekChart(card) {
  const bands = card.week[0].length;
  const wide = 252 / bands;
  const most = Math.max(1e-9, ...card.week.flat());
  const made = chart(284, 96, "Incidents by day of the week and hour of the day");
  card.week.forEach((day, k) => {
    made.append(written(0, k * 11.6 + 9.4, DAYS[k]));
    day.forEach((value, band) => {
      made.append(bar(30 + band * wide, k * 11.6, wide - 1, 10.6, weekShade(value, most)));
    });
  });
  for (let hour = 0; hour <= 24; hour += bands > 8 ? 3 : 6) {
    const at = 30 + (hour / 24) * 252;
    made.append(bar(at - 0.5, 81, 0.7, 3, look.name), written(at, 93, String(hour).padStart(2, "0"), hour === 24 ? "end" : "middle"));
  }
  return made;
}

function barList(rows, most) {
  return element(
    "ul",
    { className: "bars" },
    ...rows.map(([label, value, words]) => {
      const made = element("span", { className: "bar" });
      made.style.width = Math.round(((value || 0) / most) * 100) + "%";
      const name = element("span", { className: "label" }, element("bdi", {}, label));
      return element("li", {}, name, element("span", { className: "track" }, made), element("b", {}, words));
    }),
  );
}

// What the squares of a week mean: each shade with the numbers it stands for.
function weekKey(card) {
  const values = card.week.flat().map(Number).sort((a, b) => a - b);
  const most = values[values.length - 1];
  const rounded = card.hours > 1;
  const found = new Map();
  for (const value of values) {
    const shade = weekShade(value, most);
    found.set(shade, [(found.get(shade) || [value])[0], value]);
  }
  const rows = [...found].map(([shade, [low, high]]) => {
    const square = svg("svg", { viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true" });
    square.append(bar(0, 0, 10, 10, shade));
    const held = (rounded ? "about " : "") + number.format(low) + (low < high ? "–" + number.format(high) : "");
    return element("span", {}, square, " " + (high ? held : rounded ? "fewer" : "none"));
  });
  return element("span", { className: "week-key" }, ...rows);
}

function weekShade(value, most) {
  const steps = look.week.length;
  return look.week[value ? Math.min(steps - 1, 1 + Math.floor((value / most) * (steps - 1.01))) : 0];
}

function titled(title, picture, note, key, lead) {
  const parts = [element("h4", {}, title, ...(key ? [key] : [])), picture];
  if (lead) parts.splice(1, 0, element("p", { className: "lead" }, lead));
  if (note) parts.push(element("p", { className: "small" }, note));
  return element("div", { className: "one-chart" }, ...parts);
}

// All pictures of a place, as far as there are data for them.
function chartsOf(place, listed, theme) {
  const card = listed && listed.card;
  if (!card) return [historyOf(place, theme)].filter(Boolean);
  const made = [];
  const held = theme.cells.count[place.item];
  if (card.week) {
    const without = card.timed < held ? number.format(card.timed) + " of " + incidents(theme, held) + " have an hour" : "";
    const title = card.hours > 1 ? "When (six hours; fewer than 5 left out)" : "When (day, hour)";
    made.push(titled(title, weekChart(card), without, weekKey(card), card.busy));
  }
  if (card.mix.length) {
    const most = Math.max(...card.mix.map(([, count]) => count));
    const others = held - card.mix.reduce((sum, [, count]) => sum + count, 0);
    const rest = card.hours > 1 || !(others > 0) ? "" : "and " + number.format(others) + " of other kinds";
    made.push(titled("What", barList(card.mix.map(([name, count]) => [name, count, countWords(theme, count)]), most), rest));
  }
  if (card.months.length) {
    const months = titled("Each month (pale: the range to be expected, had it gone as the whole area did)", monthChart(card, theme.cardMonths));
    months.classList.add("wide");
    made.push(months);
  } else made.push(historyOf(place, theme));
  return made.filter(Boolean);
}

// The periods that are on the map, where there are no months.
function historyOf(place, theme) {
  const monthly = place.group < 0 && theme.monthly && data.months.length > 1 ? theme.monthly.count : null;
  if (!monthly) return null;
  const values = monthly.map((month) => month[place.item]);
  // The period of the list is shown as the list shows it, also where its month is withheld.
  if (data.month < data.months.length) values[data.month] = theme.cells.count[place.item];
  const rows = values.map((value, k) => [data.ticks[k], value, countWords(theme, value)]);
  return titled("The same area over time", barList(rows, Math.max(1, ...values)));
}
