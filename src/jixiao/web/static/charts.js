// A table beside it → bars, by Chart.js. The table stays for those who do not see the picture.
(() => {
  "use strict";
  const style = getComputedStyle(document.documentElement);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  Chart.defaults.color = style.getPropertyValue("--ink");
  Chart.defaults.animation = false;
  const numberIn = (cell) => Number((cell.dataset.value ?? cell.textContent).replaceAll(",", "") || 0);
  const short = (words) => (words.length > 14 ? words.slice(0, 13) + "…" : words);
  for (const canvas of document.querySelectorAll("canvas[data-table]")) {
    const table = document.getElementById(canvas.dataset.table);
    const most = Number(canvas.dataset.rows || 12);
    const rows = [...table.tBodies[0].rows].slice(0, most);
    const heads = [...table.tHead.rows[0].querySelectorAll("th")].slice(1).map((head) => head.textContent);
    const several = heads.length > 1;
    const colours = several ? ["#9aa6b2", "#c9a13b", "#2f7fc1"] : [style.getPropertyValue(`--${canvas.dataset.colour}`) || "#2f7fc1"];
    canvas.parentElement.hidden = false;
    const details = canvas.parentElement.nextElementSibling;
    if (details && details.tagName === "DETAILS") details.open = false;
    new Chart(canvas, {
      type: "bar",
      data: {
        labels: rows.map((row) => short(row.querySelector("th").firstElementChild?.textContent ?? row.querySelector("th").textContent)),
        datasets: heads
          .map((label, at) => ({
            label,
            data: rows.map((row) => numberIn(row.querySelectorAll("td")[at])),
            backgroundColor: colours[at],
            maxBarThickness: 22,
          }))
          .filter((series) => !several || series.data.some((number) => number)),
      },
      options: {
        indexAxis: "y",
        maintainAspectRatio: false,
        plugins: { legend: { display: several } },
        scales: { x: { beginAtZero: true, ticks: { precision: 0 } }, y: { grid: { display: false }, ticks: { autoSkip: false } } },
      },
    });
  }
})();
