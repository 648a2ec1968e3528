(() => {
  "use strict";
  const body = document.body;
  const said = [...document.querySelectorAll(".said")];
  const articles = [...document.querySelectorAll("article")];
  const narrow = () => matchMedia("(max-width:760px)").matches;
  let lit = [];

  const light = (id) => {
    for (const each of lit) each.classList.remove("lit");
    lit = [...document.querySelectorAll(`[data-number="${id}"],[data-records~="${id}"]`)];
    for (const each of lit) each.classList.add("lit");
  };
  const toSource = (id) => {
    light(id);
    const piece = document.querySelector(`[data-records~="${id}"]`);
    if (!piece) return;
    for (const article of articles) article.hidden = article !== piece.closest("article");
    if (narrow()) body.dataset.view = "source";
    piece.scrollIntoView({ block: "center" });
  };
  for (const each of said) each.addEventListener("click", () => toSource(each.dataset.number));
  document.querySelector(".sources").addEventListener("click", (event) => {
    const piece = event.target.closest(".e");
    if (!piece || String(getSelection())) return;
    const id = piece.dataset.records.split(" ").pop();
    light(id);
    if (narrow()) body.dataset.view = "summary";
    const sentence = document.querySelector(`[data-number="${id}"]`);
    if (sentence) sentence.scrollIntoView({ block: "center" });
  });
  for (const button of document.querySelectorAll("#switch button"))
    button.addEventListener("click", () => {
      body.dataset.view = button.dataset.view;
      scrollTo(0, 0);
    });
})();
