// What both halves of the page need: the data, and elements made of text.

const data = JSON.parse(document.getElementById("data").textContent);
const maturity = data.maturity;
const at = (id) => document.getElementById(id);

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
