// Answers searches in a copy of this site that lies on a server of files. Where a server answers them itself,
// its search page comes with its answer and without this script. Nothing that is typed leaves the browser but
// the first part of a postcode, in the address of the file that is fetched for it.

const place = document.getElementById("answer");
const told = document.getElementById("told");
const typed = (new URLSearchParams(location.search).getAll("q").filter((text) => text.trim()).pop() ?? "")
  .trim().replace(/\s+/g, " ").slice(0, 300);

// --- words, folded as the index is

const fold = (text) => text.toLowerCase()
  .replace(/['`\u2018\u2019\u02bc\u02b9\u00b4\u2032\uff07]/g, "")
  .normalize("NFKD").replace(/\p{Mn}/gu, "")
  .replace(/[&+]/g, " and ").replace(/[^\p{L}\p{N}]+/gu, " ").trim()
  .split(" ").filter(Boolean).map((word) => (word === "st" ? "saint" : word));

const telling = (words, noise) => {
  const left = words.filter((word) => !noise.includes(word));
  return left.length ? left : words;
};

/** How many letters differ, are missing, too many, or swapped with their neighbour. */
const slips = (one, other) => {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= one.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= other.length; j += 1) {
      const changed = rows[i - 1][j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      rows[i].push(Math.min(changed, rows[i - 1][j] + 1, rows[i][j - 1] + 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[one.length][other.length];
};

const allowed = (length) => (length < 3 ? 0 : length < 7 ? 1 : 2);

/** How far a typed word is from a known one: 0 the same, 0.5 its beginning, 1 or 2 slips; nothing if it is another. */
const distance = (word, other, forgiving) => {
  if (word === other) return 0;
  if (word.length >= 3 && other.startsWith(word)) return 0.5;
  const most = forgiving ? allowed(Math.min(word.length, other.length)) : 0;
  if (!most || Math.abs(word.length - other.length) > most) return undefined;
  const found = slips(word, other);
  return found <= most ? found : undefined;
};

// --- what fits: for each entry of the index a number, the smaller the closer; nothing where it does not fit

const best = (word, words, forgiving) => Math.min(
  ...words.map((other) => distance(word, other, forgiving)).filter((far) => far !== undefined),
);

const fitOfName = ([own, around, joined, codes], asked, forgiving) => {
  if (codes && codes.toLowerCase().split(" ").includes(asked.join(""))) return 0;
  const [names, others, spelt] = [own, around, joined].map((words) => words.split(" "));
  const inName = asked.map((word) => best(word, names, forgiving));
  const near = asked.map((word, at) => Math.min(inName[at], 0.25 + best(word, others, forgiving)));
  if (near.every(Number.isFinite) && inName.some(Number.isFinite)) {
    return near.reduce((sum, far) => sum + far, 0) + 0.01 * Math.abs(names.length - asked.length);
  }
  const far = best(asked.join(""), forgiving ? spelt : spelt.filter((name) => name === asked.join("")), forgiving);
  return Number.isFinite(far) ? far : undefined;
};

const stem = (word) => (word.length > 4 ? word.replace(/(?:ing|ed|es|s)$/, "") : word);

const holds = (words, word, forgiving) => words.some(
  (other) => stem(other) === stem(word) || distance(word, other, forgiving) !== undefined,
);

const fitOfItem = ([title, text], asked, forgiving, some) => {
  const [inTitle, inText] = [title, text].map((words) => words.split(" "));
  let found = 0;
  let weight = 0;
  for (const word of asked) {
    if (holds(inTitle, word, forgiving)) weight += 8;
    else if (holds(inText, word, forgiving)) weight += 1;
    else continue;
    found += 1;
  }
  if (!found || (found < asked.length && !some)) return undefined;
  return (title === asked.join(" ") ? -1000 : 0) - weight;
};

const fits = (entries, fit) => new Map(
  entries.map((words, number) => [number, fit(words)]).filter(([, far]) => far !== undefined),
);

/** The fits of names and of items: as typed, or else with slips forgiven, or else with some of the words. */
const search = (index) => {
  const words = fold(typed);
  const [inNames, inRecord] = [telling(words, index.noise.names), telling(words, index.noise.record)];
  for (const [forgiving, some] of [[false, false], [true, false], [false, true]]) {
    const names = some
      ? fits(index.names.words, ([own]) => (own.split(" ").every((word) => inNames.includes(word)) ? 0 : undefined))
      : fits(index.names.words, (entry) => fitOfName(entry, inNames, forgiving));
    const record = fits(index.record.words, (entry) => fitOfItem(entry, inRecord, forgiving, some));
    if (names.size || record.size) return { names, record, some };
  }
  return { names: new Map(), record: new Map(), some: false };
};

// --- showing it

const paragraph = (kind, text) => {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
};

const sections = (html) => document.createRange().createContextualFragment(html);

/** Of a list of everything, what fits, the closest first. */
const picked = (html, found, most) => {
  const all = sections(html);
  const numbers = new Map([...all.querySelectorAll("li")].map((item, number) => [item, number]));
  for (const list of all.querySelectorAll("ol")) {
    const kept = [...list.children].filter((item) => found.has(numbers.get(item)));
    kept.sort((one, other) => found.get(numbers.get(one)) - found.get(numbers.get(other)));
    list.replaceChildren(...kept.slice(0, most));
    if (!kept.length) list.closest("section").remove();
  }
  return all;
};

const fetched = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  return answer.json();
};

/** What is said of a postcode or its first part; nothing if it is neither. */
const postcode = async ({ areas, outward, unknown, none, part }) => {
  const spaced = typed.toUpperCase().replace(/[\s\-._]+/g, " ").trim();
  const code = spaced.replaceAll(" ", "");
  // Of less than a whole postcode the space, where there is one, tells the outward code: TS3 7 is not TS37.
  const beginning = /^([A-Z]{1,2})(\d[A-Z\d]?)(?: ?\d[A-Z]?)?$/;
  const [, area, district, inward = ""] = /^([A-Z]{1,2})(\d[A-Z\d]?)(\d[A-Z]{2})$/.exec(code)
    ?? beginning.exec(spaced) ?? beginning.exec(code) ?? [];
  if (!area) return undefined;
  const begins = area + district;
  if (!areas.includes(area)) {
    return inward ? none.replaceAll("{postcode}", `${begins} ${inward}`).replaceAll("{area}", area) : undefined;
  }
  const known = outward.includes(begins) ? await fetched(place.dataset.postcodes.replace("0", begins)) : undefined;
  if (!inward) return (known?.part ?? part).replaceAll("{postcode}", begins);
  const lies = known?.places.find((one) => one.inward.split(" ").includes(inward));
  return (lies?.html ?? unknown[area] ?? unknown[""]).replaceAll("{postcode}", `${begins} ${inward}`);
};

const answer = async () => {
  const index = await fetched(place.dataset.index);
  const verdict = await postcode(index.postcodes);
  if (verdict) {
    place.replaceChildren(sections(verdict));
    return;
  }
  const { names, record, some } = search(index);
  place.replaceChildren(picked(index.names.html, names, index.most), picked(index.record.html, record, index.most));
  const empty = !(names.size || record.size);
  told.replaceChildren(paragraph("lead", empty ? `Nothing in this archive fits ‘${typed}’.` : `Found for ‘${typed}’:`));
  if (some) told.append(paragraph("warning", "Nothing has all these words. What follows has some of them."));
};

if (typed) {
  document.title = document.title.replace(/^[^–]*/, `Search: ${typed} `);
  document.getElementById("search").value = typed;
  try {
    await answer();
  } catch {
    told.replaceChildren(paragraph("lead", "The search cannot be answered here. The ways below lead to every page."));
  }
}
