(() => {
  "use strict";
  const select = document.getElementById("panel");
  const find = document.getElementById("find");
  const filters = [...document.querySelectorAll(".filter")];
  const panel = () => document.getElementById(select.value);
  const on = (name) => new Set(filters.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset[name]));
  let lit = [];

  const light = (id) => {
    for (const each of lit) each.classList.remove("lit");
    lit = id === null ? [] : [...panel().querySelectorAll(`[data-id="${id}"],[data-records~="${id}"]`)];
    for (const each of lit) each.classList.add("lit");
  };
  const apply = () => {
    const outcomes = on("outcome");
    const kinds = on("kind");
    const words = find.value.trim().toLowerCase();
    for (const each of document.querySelectorAll(".panel")) each.hidden = each.id !== select.value;
    const shown = new Set();
    for (const card of panel().querySelectorAll(".card")) {
      const visible =
        outcomes.has(card.dataset.outcome) && kinds.has(card.dataset.kind) && (!words || card.textContent.toLowerCase().includes(words));
      card.hidden = !visible;
      if (visible) shown.add(card.dataset.id);
    }
    for (const piece of panel().querySelectorAll(".e")) {
      // a piece takes the colour of the innermost record that is shown
      const id = piece.dataset.records.split(" ").filter((each) => shown.has(each)).pop();
      piece.className = id ? `e ${panel().querySelector(`.card[data-id="${id}"]`).dataset.outcome}` : "e off";
      piece.dataset.shown = id ?? "";
    }
    document.getElementById("shown").textContent = `${shown.size} 条`;
  };
  const show = (element) => element && element.scrollIntoView({ block: "center" });
  document.addEventListener("click", (event) => {
    const piece = event.target.closest(".e");
    const card = event.target.closest(".card");
    if (piece && piece.dataset.shown) {
      light(piece.dataset.shown);
      show(panel().querySelector(`.card[data-id="${piece.dataset.shown}"]`));
    } else if (card && !String(getSelection())) {
      light(card.dataset.id);
      show(panel().querySelector(`[data-records~="${card.dataset.id}"]`));
    }
  });
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest && event.target.closest(".card");
    if (card && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      card.click();
    }
  });
  for (const filter of filters)
    filter.addEventListener("click", () => {
      filter.setAttribute("aria-pressed", String(filter.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  select.addEventListener("change", () => {
    light(null);
    apply();
  });
  find.addEventListener("input", apply);
  apply();
})();
