// findings: [rule, path, line, severity, message, place, remedy, first line, focus, excerpt]

const findings = data.findings.map(([rule, path, line, severity, message, where, remedy, first, focus, lines]) => {
  const found = { rule: data.rules[rule], path: data.paths[path], line, severity: ["error", "warning", "note"][severity], message: data.messages[message], where, remedy, first, focus, lines };
  found.words = `${found.rule.id} ${found.rule.name} ${found.path} ${found.message}`.toLowerCase();
  return found;
});
const MOST_PRINTED = 600;
const shown = { words: "", severities: new Set(["error", "warning", "note"]), by: "rule" };

for (const severity of shown.severities) {
  const box = make("input", { type: "checkbox", value: severity, checked: true });
  at("severities").append(make("label", {}, box, ` ${severity} (${data.totals[severity]})`));
}

function excerpt(found) {
  if (!found.lines.length) return "";
  const block = make("pre", { tabindex: "0", "aria-label": `Source at ${found.where}` });
  found.lines.forEach((text, index) => {
    const number = make("span", { class: "number", "aria-hidden": "true" }, String(found.first + index));
    number.style.display = "inline-block";
    block.append(make("span", { class: index === found.focus ? "focus" : "" }, number, text));
  });
  return block;
}

function item(found) {
  const head = make("p", {}, make("span", { class: `severity ${found.severity}` }, found.severity), place(found.where));
  const name = shown.by === "file" ? make("p", { class: "quiet" }, `${found.rule.id} ${found.rule.name}`) : "";
  const remedy = found.remedy || (shown.by === "file" ? found.rule.remedy : "");
  return make("div", { class: "item" }, head, name, make("p", {}, found.message), excerpt(found), remedy ? make("p", { class: "quiet" }, "Fix: ", ...prose(remedy)) : "");
}

function fill(group, members) {
  if (group.dataset.full) return;
  group.dataset.full = "yes";
  const body = make("div", { class: "body" });
  if (shown.by === "rule") body.append(make("div", { class: "why" }, make("p", {}, ...prose(members[0].rule.why)), make("p", {}, make("b", {}, "Fix: "), ...prose(members[0].rule.remedy))));
  for (const found of members) body.append(item(found));
  group.append(body);
}

const RANK = { error: 0, warning: 1, note: 2 };
function groups() {
  const found = new Map();
  for (const one of findings) {
    if (!shown.severities.has(one.severity) || !shown.words.split(/\s+/).every((word) => one.words.includes(word))) continue;
    const key = shown.by === "rule" ? `${one.rule.id} ${one.rule.name}` : one.path;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(one);
  }
  const worst = (members) => Math.min(...members.map((one) => RANK[one.severity]));
  return [...found].sort((a, b) => worst(a[1]) - worst(b[1]) || b[1].length - a[1].length || a[0].localeCompare(b[0]));
}

function show() {
  const all = groups();
  const total = all.reduce((sum, [, members]) => sum + members.length, 0);
  at("count").textContent = total === findings.length ? plural(total, "finding") : `${plural(total, "finding")} of ${findings.length.toLocaleString("en")}`;
  at("groups").replaceChildren(...all.map(([title, members]) => {
    const worst = members.reduce((a, b) => (RANK[a.severity] <= RANK[b.severity] ? a : b)).severity;
    const summary = make("summary", {}, make("span", { class: `severity ${worst}` }, worst), make("span", { class: "title" }, title), shown.by === "rule" ? make("span", { class: "quiet" }, ...prose(members[0].rule.summary)) : "", make("span", { class: "total" }, String(members.length)));
    const group = make("details", { class: "group" }, summary);
    group.members = members;
    group.addEventListener("toggle", () => group.open && fill(group, members));
    return group;
  }));
  if (!all.length) at("groups").append(make("p", { class: "card" }, findings.length ? "Nothing fits the filters." : "Nothing was found."));
  at("expand").textContent = "Open all";
}

function openAll(open) {
  let room = MOST_PRINTED;
  for (const group of document.querySelectorAll(".group")) {
    room -= group.members.length;
    if (open && room < 0) break;
    if (open) fill(group, group.members);
    group.open = open;
  }
  at("expand").textContent = open ? "Close all" : "Open all";
}

at("search").addEventListener("input", (event) => { shown.words = event.target.value.trim().toLowerCase(); show(); });
at("severities").addEventListener("change", (event) => { shown.severities[event.target.checked ? "add" : "delete"](event.target.value); show(); });
at("filters").addEventListener("change", (event) => { if (event.target.name === "group") { shown.by = event.target.value; show(); } });
at("filters").addEventListener("submit", (event) => event.preventDefault());
at("expand").addEventListener("click", () => openAll(at("expand").textContent === "Open all"));
addEventListener("beforeprint", () => openAll(true));

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input[type=search]");
  if (event.key === "/" && !typing) { event.preventDefault(); at("search").focus(); }
  else if (event.key === "Escape" && typing) { event.target.value = ""; shown.words = ""; show(); event.target.blur(); }
  else if ((event.key === "j" || event.key === "k") && !typing) {
    const heads = [...document.querySelectorAll(".group > summary")];
    const here = heads.indexOf(document.activeElement);
    const next = heads[Math.max(0, Math.min(heads.length - 1, here + (event.key === "j" ? 1 : -1)))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }
});

// theme

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  at("theme").setAttribute("aria-pressed", String(dark));
  if (maturity) showRadar();
}
at("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
setTheme(matchMedia("(prefers-color-scheme: dark)").matches);

for (const one of data.unread) at("unread").append(make("li", {}, place(one.path, one.line), ` ${one.reason}`));
at("notes").hidden = !data.unread.length;
show();
