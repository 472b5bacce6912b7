"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const maturity = data.maturity;
  const at = (id) => document.getElementById(id);
  const MOST_PRINTED = 600;

  /** An element; texts become text nodes, so nothing of the audited repository is markup. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "class") element.className = value;
      else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }
  /** Text in which backticks mark code. */
  const prose = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
  const percent = (share) => `${Math.round(share * 100)} %`;
  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
  const place = (path, line) => make("span", { class: "place" }, line ? `${path}:${line}` : path);
  const OUTCOMES = { true: "yes", false: "no", "not available": "not known", "not applicable": "not asked" };

  // head

  at("name").textContent = data.name;
  const totals = ["error", "warning", "note"].map((one) => plural(data.totals[one], one)).join(", ");
  at("about").textContent = [data.commit && `commit ${data.commit.slice(0, 10)}`, data.branch, totals, `mlaudit ${data.version}`]
    .filter(Boolean).join(" · ");

  // maturity

  function bar(name, share, value) {
    const fill = make("i", { style: `width:${share === null ? 0 : Math.round(share * 100)}%` });
    return make("li", {}, make("span", {}, name), make("span", { class: "bar", "aria-hidden": "true" }, fill), make("span", { class: "value" }, value));
  }

  function showLadder() {
    const { level, reachable, rungs, steps } = maturity.ladder;
    at("profile").textContent = `MLOps maturity, profile ${maturity.profile}` +
      (maturity.score === null ? "" : `, ${percent(maturity.score)} of what could be reached`);
    at("level").textContent = `Level ${level} of ${reachable}: ${rungs[level].name}`;
    for (const rung of rungs) {
      const state = rung.level <= level ? (rung.level === level ? "done here" : "done") : "";
      const item = make("li", { class: state, "aria-current": rung.level === level ? "step" : null }, make("b", {}, String(rung.level)), rung.name);
      at("ladder").append(item);
    }
    if (steps.length) {
      const list = make("ol", { class: "steps" });
      for (const step of steps.slice(0, 3)) list.append(make("li", {}, ...prose(step.do), make("span", { class: "quiet" }, ` (${step.effort} effort)`)));
      at("next").append(make("h3", {}, `To level ${level + 1}: ${rungs[level + 1].name}`), list);
    }
  }

  let radar = null;
  function showRadar() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const known = maturity.dimensions;
    const canvas = at("radar");
    canvas.setAttribute("aria-label", "Radar of the dimensions: " + known.map((d) => `${d.name} ${d.score === null ? "does not apply" : percent(d.score)}`).join(", "));
    if (radar) radar.destroy();
    radar = new Chart(canvas, {
      type: "radar",
      data: {
        labels: known.map((d) => d.name.split(" ")),
        datasets: [{ data: known.map((d) => d.score ?? 0), borderColor: colour("--accent"), backgroundColor: colour("--accent") + "33", pointBackgroundColor: colour("--accent"), borderWidth: 2, pointRadius: 4 }],
      },
      options: {
        animation: false, responsive: true, maintainAspectRatio: true, aspectRatio: 1.45, layout: { padding: 0 },
        plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) => percent(item.raw) } } },
        scales: { r: { min: 0, max: 1, ticks: { display: false, stepSize: 0.2 }, grid: { color: colour("--line") }, angleLines: { color: colour("--line") }, pointLabels: { color: colour("--ink"), font: { size: 12 } } } },
      },
    });
  }

  function showDimensions() {
    for (const one of maturity.dimensions) {
      const value = one.score === null ? "not asked" : `${percent(one.score)}, level ${one.level}`;
      at("dimensions").append(bar(one.name, one.score, value));
    }
    for (const phase of maturity.lifecycle) {
      const seen = phase.evidence[0];
      const text = seen ? place(seen.path, seen.line) : phase.outcome === "false" ? "nothing seen" : "not asked";
      at("phases").append(make("li", { class: phase.outcome.replace(" ", "-") }, make("b", {}, phase.name), make("span", {}, text)));
    }
  }

  function dots(capability) {
    if (capability.score === null) return make("span", { class: "dots na" }, OUTCOMES[capability.outcome]);
    const label = `${capability.score} of 3`;
    return make("span", { class: "dots", role: "img", "aria-label": label, title: label }, "●".repeat(capability.score) + "○".repeat(3 - capability.score));
  }

  function showCapability(one) {
    const inner = make("div", {}, make("p", { class: "quiet" }, one.question));
    if (one.reason) inner.append(make("p", {}, one.reason));
    if (one.capped_by.length) inner.append(make("p", {}, `${one.by_signs} by what is seen, held down by ${one.capped_by.join(", ")}`));
    if (one.evidence.length) {
      const list = make("ul", { class: "evidence" });
      for (const seen of one.evidence.slice(0, 8)) list.append(make("li", {}, `${seen.says} `, place(seen.path, seen.line)));
      inner.append(list);
    }
    if (one.next_step) inner.append(make("p", { class: "quiet" }, "Next: ", ...prose(one.next_step.do)));
    return make("details", {}, make("summary", {}, one.name, dots(one)), inner);
  }

  function showPractice() {
    for (const dimension of maturity.dimensions) {
      const card = make("div", { class: "card" }, make("h3", {}, dimension.name));
      for (const one of dimension.capabilities) card.append(showCapability(one));
      at("capabilities").append(card);
    }
    for (const rung of maturity.ladder.rungs.slice(1, maturity.ladder.reachable + 1)) {
      const list = make("ul", { class: "plain" });
      for (const one of rung.requirements) {
        const mark = OUTCOMES[one.outcome];
        list.append(make("li", {}, make("b", { class: mark }, mark), ` ${one.says}`, one.reason ? make("span", { class: "quiet" }, ` (${one.reason})`) : ""));
      }
      at("requirements").append(make("details", { open: rung.level === maturity.ladder.level + 1 }, make("summary", {}, `Level ${rung.level}: ${rung.name}`), list));
    }
    for (const one of maturity.principles) at("principles").append(bar(one.name, one.score, one.score === null ? "not asked" : percent(one.score)));
    for (const one of maturity.artefacts) {
      const mark = OUTCOMES[one.outcome];
      at("artefacts").append(make("li", {}, make("b", { class: mark }, one.name), mark === "yes" ? " is tracked" : mark === "no" ? " is not tracked" : " does not apply", one.reason ? make("span", { class: "quiet" }, ` (${one.reason})`) : ""));
    }
    for (const one of data.tools) at("tools").append(make("li", {}, make("b", {}, one.name), ` ${one.strength} `, place(one.path, one.line), one.note ? make("span", { class: "quiet" }, ` ${one.note}`) : ""));
    if (!data.tools.length) at("tools").append(make("li", {}, "none"));
  }

  if (maturity) {
    for (const id of ["overview", "life", "practice", "more"]) at(id).hidden = false;
    showLadder();
    showDimensions();
    showPractice();
  }

  // findings: [rule, path, line, severity, message, place, remedy, first line, focus, excerpt]

  const findings = data.findings.map(([rule, path, line, severity, message, where, remedy, first, focus, lines]) => {
    const found = { rule: data.rules[rule], path: data.paths[path], line, severity: ["error", "warning", "note"][severity], message: data.messages[message], where, remedy, first, focus, lines };
    found.words = `${found.rule.id} ${found.rule.name} ${found.path} ${found.message}`.toLowerCase();
    return found;
  });
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
})();
