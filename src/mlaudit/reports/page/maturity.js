// The maturity of the repository: level, dimensions, phases, capabilities, ladder.

function bar(name, share, value, note = "") {
  const fill = make("i", { style: `width:${share === null ? 0 : Math.round(share * 100)}%` });
  return make("li", {}, make("span", {}, name, note ? make("small", {}, note) : ""), make("span", { class: "bar", "aria-hidden": "true" }, fill), make("span", { class: "value" }, value));
}

function mark(outcome) {
  return make("b", { class: `mark ${OUTCOMES[outcome].replace(" ", "-")}` }, OUTCOMES[outcome]);
}

// level and steps

function stepItem(step) {
  const named = step.file && !step.do.includes(step.file);
  const about = make("span", { class: "about" }, `${step.effort} effort`, named ? make("span", {}, " · ", place(step.file)) : "");
  const others = step.alternatives.length ? make("span", { class: "about" }, ...prose(`or ${step.alternatives.join("; ")}`)) : "";
  return make("li", {}, make("span", {}, ...prose(step.do)), about, others);
}

function stepList(title, steps, most) {
  const list = make("ol", { class: "steps" });
  for (const step of steps.slice(0, most)) list.append(stepItem(step));
  const more = steps.slice(most);
  const rest = make("ol", { class: "steps", start: String(most + 1) });
  for (const step of more) rest.append(stepItem(step));
  return [make("h3", {}, title), list, more.length ? make("details", {}, make("summary", {}, `${more.length} more`), rest) : ""];
}

function upcoming() {
  const { level, reachable, rungs } = maturity.ladder;
  const open = (rung) => rung.requirements.some((one) => one.outcome !== "true" && one.outcome !== "not applicable");
  return rungs.slice(level + 1, reachable + 1).find(open);
}

function showLadder() {
  const { level, reachable, possible, declared, unsettled, rungs, steps } = maturity.ladder;
  const of = maturity.root ? ` of ${maturity.root}` : "";
  at("profile").textContent = `MLOps maturity${of}, profile ${maturity.profile}` +
    (maturity.score === null ? "" : `, ${percent(maturity.score)} of what could be reached`);
  at("level").textContent = `Level ${level} of ${reachable}: ${rungs[level].name}`;
  const notes = [...maturity.warnings];
  if (declared > level) notes.unshift(`Level ${declared} with what is declared.`);
  if (possible > level) notes.unshift(`Possibly level ${possible}${unsettled.length ? `: ${unsettled.join("; ")}` : ""}.`);
  for (const text of notes) at("notes-level").append(make("li", {}, text));
  for (const rung of rungs) {
    const state = rung.level <= level ? (rung.level === level ? "done here" : "done") : rung.level > reachable ? "beyond" : "";
    const item = make("li", { class: state, "aria-current": rung.level === level ? "step" : null }, make("b", {}, String(rung.level)), rung.name);
    at("ladder").append(item);
  }
  const next = upcoming();
  if (steps.length && next) at("next").append(...stepList(`To level ${next.level}: ${next.name}`, steps, 3));
}

function showSteps() {
  const kinds = { "quick win": [], loose: [] };
  for (const step of maturity.roadmap) {
    if (step.kind === "quick win") kinds["quick win"].push(step);
    else if (step.kind !== "next level") kinds.loose.push(step);
  }
  if (kinds.loose.length) at("next").append(...stepList("Loose ends", kinds.loose, 2));
  if (kinds["quick win"].length) at("next").append(...stepList("Small steps that pay at any level", kinds["quick win"], 2));
}

function showRoots() {
  if (maturity.roots.length < 2) return;
  const idle = (one) => !(one.trains || one.serves);
  const found = [...maturity.roots].sort((a, b) => idle(a) - idle(b) || a.level - b.level);
  const level = (one) => `${one.level} of ${one.reachable}` + (one.possible > one.level ? `, possibly ${one.possible}` : "") + (one.declared > one.level ? `, ${one.declared} declared` : "");
  const row = (one) => {
    const does = [one.trains && "trains", one.serves && "serves"].filter(Boolean).join(", ");
    return make("tr", {}, make("th", { scope: "row" }, place(one.path || ".", 0)), make("td", {}, level(one)), make("td", {}, one.profile), make("td", {}, does), make("td", {}, one.score === null ? "" : percent(one.score)));
  };
  const table = (some) => {
    const head = make("tr", {}, ...["Project", "Level", "Profile", "Does", "Reached"].map((text) => make("th", { scope: "col" }, text)));
    return make("div", { class: "wide" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...some.map(row))));
  };
  const rest = found.slice(10);
  const more = rest.length ? make("details", {}, make("summary", { class: "about" }, `${rest.length} more`), table(rest)) : "";
  at("roots").append(make("h2", {}, "Projects"), make("div", { class: "card" }, table(found.slice(0, 10)), more));
  at("roots").hidden = false;
}

// dimensions

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
}

// phases and gaps

function showLife() {
  for (const phase of maturity.lifecycle) {
    const seen = phase.evidence[0];
    const state = phase.by_name ? "by-name" : phase.outcome.replace(" ", "-");
    const text = seen ? [phase.by_name ? "by name: " : "", place(seen.path.split("/").pop(), seen.line)] : [phase.outcome === "false" ? "nothing seen" : "not asked"];
    at("phases").append(make("li", { class: state }, make("b", {}, phase.name), make("span", { title: seen ? `${seen.says}, ${seen.path}:${seen.line}` : null }, ...text)));
  }
  for (const pattern of maturity.patterns) {
    if (pattern.outcome === "not applicable") continue;
    const broken = new Set(pattern.gaps.flatMap((gap) => gap.edge.split(" > ")));
    const chain = make("ol", { class: "chain", "aria-label": `${pattern.name}: steps` });
    for (const stage of pattern.stages) {
      const state = stage.outcome === "false" ? "missing" : broken.has(stage.name) ? "gap" : stage.outcome === "true" ? "there" : "open";
      const words = { missing: "not seen", gap: "with a gap", there: "seen", open: "not known" }[state];
      chain.append(make("li", { class: state }, stage.name, make("span", { class: "hidden" }, `, ${words}`)));
    }
    const list = make("ul", { class: "plain" });
    for (const gap of pattern.gaps) list.append(make("li", {}, make("b", {}, gap.edge), ` ${gap.says} `, gap.path === "." ? "" : place(gap.path, gap.line), gap.rule ? make("span", { class: "about" }, ` ${gap.rule}`) : ""));
    if (!pattern.gaps.length) list.append(make("li", { class: "about" }, "No gap was seen."));
    at("patterns").append(make("div", { class: "card" }, make("h3", {}, pattern.name), chain, list));
  }
}

// capabilities

function dots(capability) {
  if (capability.score === null) return make("span", { class: "dots na" }, OUTCOMES[capability.outcome]);
  const label = `${capability.score}${capability.at_least ? " or more" : ""} of 3`;
  return make("span", { class: "dots", role: "img", "aria-label": label, title: label }, "●".repeat(capability.score) + "○".repeat(3 - capability.score));
}

/** Each thing that was seen, once, with the names and places of its kind. */
function evidence(pieces, most, against = "against it: ") {
  const things = new Map();
  for (const one of pieces) {
    const text = one.supports ? one.says : against + one.says;
    const split = text.indexOf(": '");
    const says = split < 0 ? text : text.slice(0, split);
    if (!things.has(says)) things.set(says, { names: new Set(), places: new Set() });
    if (split >= 0) things.get(says).names.add(text.slice(split + 2));
    if (one.path !== ".") things.get(says).places.add(`${one.path}:${one.line}`);
  }
  const some = (all, count) => [...all].slice(0, count).join(", ") + (all.size > count ? ` and ${all.size - count} more` : "");
  const list = make("ul", { class: "evidence" });
  for (const [says, { names, places }] of [...things].slice(0, most)) {
    const item = make("li", {}, names.size ? `${says}: ${some(names, 3)}` : says);
    for (const where of [...places].slice(0, 3)) item.append(" ", place(where));
    if (places.size > 3) item.append(` and ${places.size - 3} more`);
    list.append(item);
  }
  return list;
}

function held(one) {
  const parts = [];
  if (one.capped_by.length) parts.push(`${one.by_signs} by what is seen, held down by ${one.capped_by.join(", ")}.`);
  if (one.unsettled.length) parts.push(`Possibly ${one.possible}: ${one.unsettled.join("; ")}.`);
  if (one.declared) parts.push(`${one.declared.level} declared by ${one.declared.owner} until ${one.declared.expires}.`);
  for (const pardon of one.accepted) parts.push(`${pardon.rule} is accepted: ${pardon.reason}`);
  return parts;
}

function showCapability(one) {
  const inner = make("div", {}, make("p", { class: "quiet" }, one.question));
  if (one.reason) inner.append(make("p", {}, one.reason));
  for (const text of held(one)) inner.append(make("p", {}, text));
  if (one.evidence.length) inner.append(evidence(one.evidence, 8));
  else if (one.score !== null) inner.append(make("p", {}, "Nothing was seen."));
  if (one.next_step) inner.append(make("p", { class: "quiet" }, "Next: ", ...prose(one.next_step.do)));
  return make("details", { class: one.score === null ? "unasked" : "" }, make("summary", {}, make("span", {}, one.name), dots(one)), inner);
}

function showCapabilities() {
  for (const dimension of maturity.dimensions) {
    const value = dimension.score === null ? "not asked" : percent(dimension.score);
    const card = make("div", { class: "card" }, make("h3", {}, dimension.name, make("span", { class: "about" }, value)));
    for (const one of dimension.capabilities) card.append(showCapability(one));
    at("capabilities").append(card);
  }
}

// ladder, checklist, principles, artefacts, tools

function showRequirements() {
  const { level, reachable, rungs } = maturity.ladder;
  for (const rung of rungs.slice(1, reachable + 1)) {
    const list = make("ul", { class: "plain" });
    for (const one of rung.requirements) {
      const who = one.declared ? make("span", { class: "about" }, ` declared by ${one.declared.owner} until ${one.declared.expires}`) : "";
      list.append(make("li", {}, mark(one.outcome), ` ${one.says}`, one.reason ? make("span", { class: "about" }, ` ${one.reason}`) : "", who));
    }
    const asked = rung.requirements.filter((one) => one.outcome !== "not applicable");
    const met = asked.filter((one) => one.outcome === "true").length;
    const state = rung.level <= level ? "reached" : `${met} of ${asked.length}`;
    at("requirements").append(make("details", { open: rung === upcoming() }, make("summary", {}, make("span", {}, `Level ${rung.level}: ${rung.name}`), make("span", { class: "about" }, state)), list));
  }
}

function showChecklist() {
  const asked = maturity.checklist.filter((line) => !line.informative && line.outcome !== "not applicable");
  const settled = asked.filter((line) => line.outcome !== "not available");
  const held = asked.filter((line) => line.outcome === "true");
  if (!asked.length) { at("checklist").closest(".card").hidden = true; return; }
  const open = asked.length - settled.length;
  at("checklist-title").textContent = "Reproducibility, line by line";
  at("checklist").append(bar("Lines that hold", settled.length ? held.length / settled.length : null, `${held.length} of ${settled.length}`, open ? `${open} not known` : ""));
  const rank = { false: 0, "not available": 1, true: 2, "not applicable": 3 };
  const sorted = [...maturity.checklist].sort((a, b) => rank[a.outcome] - rank[b.outcome]);
  const item = (line) => {
    const shown = line.evidence.length ? evidence(line.evidence, 3, "") : "";
    return make("li", {}, mark(line.outcome), ` ${line.says}`, line.informative ? make("span", { class: "about" }, " for information") : "", line.reason ? make("span", { class: "about" }, ` ${line.reason}`) : "", shown);
  };
  const failing = make("ul", { class: "plain" });
  const rest = make("ul", { class: "plain" });
  for (const line of sorted) (rank[line.outcome] < 2 && !line.informative ? failing : rest).append(item(line));
  at("checklist-lines").append(failing, make("details", {}, make("summary", {}, `${plural(rest.children.length, "line")} that hold, are not asked or decide nothing`), rest));
}

function showMore() {
  for (const one of maturity.principles) {
    const open = data.findings.filter(([rule]) => one.rules.some((word) => word === data.rules[rule].id || word === data.rules[rule].id.slice(0, 3))).length;
    at("principles").append(bar(one.name, one.score, one.score === null ? "not asked" : percent(one.score), open ? plural(open, "open finding") : ""));
  }
  for (const one of maturity.artefacts) {
    const says = { yes: "tracked", no: "not tracked", "not known": "not known", "not asked": "not asked" }[OUTCOMES[one.outcome]];
    at("artefacts").append(make("li", {}, make("b", { class: `mark ${OUTCOMES[one.outcome].replace(" ", "-")}` }, says), ` ${one.name}`, one.reason ? make("span", { class: "about" }, ` ${one.reason}`) : ""));
  }
  for (const one of data.tools) at("tools").append(make("li", {}, make("b", {}, one.name), ` ${one.strength} `, place(one.path, one.line), one.note ? make("span", { class: "about" }, ` ${one.note}`) : ""));
  if (!data.tools.length) at("tools").append(make("li", {}, "none"));
}

if (maturity) {
  for (const id of ["overview", "life", "practice", "more"]) at(id).hidden = false;
  showLadder();
  showSteps();
  showRoots();
  showDimensions();
  showLife();
  showCapabilities();
  showRequirements();
  showChecklist();
  showMore();
}
