export default {
  render({ model, el }) {
    const box = document.createElement("div");
    box.setAttribute("role", "region");
    box.tabIndex = 0;
    const show = () => {
      box.setAttribute("aria-label", model.get("name"));
      box.innerHTML = model.get("shown").html;
    };
    model.on("change:shown", show);
    show();
    el.appendChild(box);
    return () => model.off("change:shown", show);
  },
};
