(() => {
  "use strict";
  const body = document.body;
  const select = document.getElementById("panel");
  const filters = [...document.querySelectorAll(".filter")];
  const mains = [...document.querySelectorAll("main")];
  const panel = () => (select ? document.getElementById(select.value) : mains[0]);
  const narrow = () => matchMedia("(max-width:760px)").matches;
  const piecesOf = (id) => [...panel().querySelectorAll(`[data-records~="${id}"]`)];
  const severityOf = (id) => panel().querySelector(`.card[data-id="${id}"]`).dataset.severity;
  let shown = new Set(filters.map((filter) => filter.dataset.severity));
  let lit = [];

  const light = (id) => {
    for (const each of lit) each.classList.remove("lit", "here");
    lit = id === null ? [] : [panel().querySelector(`.card[data-id="${id}"]`), ...piecesOf(id)];
    for (const each of lit) each.classList.add("lit");
  };
  // A place is a run of pieces without a gap; the n-th of a finding is its n-th run in the text.
  const runs = (id) => {
    const found = [];
    let last = null;
    for (const piece of piecesOf(id)) {
      if (last && last.nextSibling === piece) found[found.length - 1].push(piece);
      else found.push([piece]);
      last = piece;
    }
    return found;
  };
  const toSource = (id, at) => {
    light(id);
    if (narrow()) body.dataset.view = "source";
    const all = runs(id);
    const run = all[Math.min(at, all.length - 1)];
    if (!run) return;
    for (const piece of run) piece.classList.add("here");
    run[0].scrollIntoView({ block: "center" });
  };
  const toCard = (id) => {
    light(id);
    if (narrow()) body.dataset.view = "findings";
    lit[0].scrollIntoView({ block: "center" });
  };
  const idAt = (piece) => piece.dataset.records.split(" ").filter((id) => shown.has(severityOf(id))).pop();

  document.addEventListener("click", (event) => {
    const place = event.target.closest(".place");
    const piece = event.target.closest(".e");
    const card = event.target.closest(".card");
    if (String(getSelection())) return;
    if (place) toSource(card.dataset.id, [...card.querySelectorAll(".place")].indexOf(place));
    else if (piece && idAt(piece)) toCard(idAt(piece));
    else if (card) toSource(card.dataset.id, 0);
  });
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest && event.target.closest(".card");
    if (card && event.target === card && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      toSource(card.dataset.id, 0);
    }
  });
  const apply = () => {
    for (const main of mains) main.hidden = main !== panel();
    const cards = [...panel().querySelectorAll(".card")];
    let visible = 0;
    for (const card of cards) {
      card.hidden = !shown.has(card.dataset.severity);
      visible += !card.hidden;
    }
    for (const piece of panel().querySelectorAll(".e")) {
      const id = idAt(piece);
      piece.className = id ? `e ${severityOf(id)}` : "e off";
    }
    for (const filter of filters)
      filter.querySelector("b").textContent = cards.filter((card) => card.dataset.severity === filter.dataset.severity).length;
    document.getElementById("shown").textContent = `显示 ${visible} 条`;
  };
  for (const filter of filters)
    filter.addEventListener("click", () => {
      const on = filter.getAttribute("aria-pressed") !== "true";
      filter.setAttribute("aria-pressed", String(on));
      if (on) shown.add(filter.dataset.severity);
      else shown.delete(filter.dataset.severity);
      apply();
    });
  if (select)
    select.addEventListener("change", () => {
      light(null);
      apply();
    });
  for (const button of document.querySelectorAll("#switch button"))
    button.addEventListener("click", () => {
      body.dataset.view = button.dataset.view;
      scrollTo(0, 0);
    });
  apply();
})();
